#include "proxy/store/redis/node.h"

#include <netdb.h>

#include <cstring>
#include <random>
#include <utility>

#include "api/base/log.h"

namespace tollgate::store {
namespace {

// For connecting and for being let in, which a frozen server's kernel does on its behalf in part.
constexpr std::chrono::milliseconds kProbeDeadline{250};

// Of a name: a probe that tries them all takes two seconds at most.
constexpr size_t kMostAddresses = 8;

// A fifth more or less, so that the proxies of an installation do not ask in step.
std::chrono::milliseconds Jittered(std::chrono::milliseconds pause) {
  thread_local std::minstd_rand random{std::random_device{}()};
  return pause * std::uniform_int_distribution<int>(80, 120)(random) / 100;
}

}  // namespace

RedisNode::RedisNode(NodeOptions options)
    : options_(std::move(options)), trouble_("it was not tried yet"), open_since_(SteadyNow()) {
  thread_ = std::jthread([this] {
    io::Detach(Prober());
    loop_.Run();
  });
}

RedisNode::~RedisNode() { loop_.Stop(); }

void RedisNode::Trip(const std::string& why) {
  {
    const std::lock_guard lock(mutex_);
    if (open_.load(std::memory_order_relaxed)) return;
    trouble_ = why;
    open_since_ = SteadyNow();
    outages_.fetch_add(1, std::memory_order_release);
    open_.store(true, std::memory_order_release);
  }
  TellTrouble(why);
  Announce();
}

void RedisNode::CloseCircuit(const io::Address& server) {
  std::chrono::milliseconds away{};
  {
    const std::lock_guard lock(mutex_);
    away = std::chrono::duration_cast<std::chrono::milliseconds>(SteadyNow() - open_since_);
    trouble_.clear();
    server_ = server;
    open_.store(false, std::memory_order_release);
  }
  log::Info(was_used_ ? "the store is used again" : "the store is used",
            {{"store", options_.name},
             {"address", options_.address.ToString()},
             {"after_ms", std::to_string(away.count())}});
  was_used_ = true;
  Announce();
}

void RedisNode::TellTrouble(const std::string& why) const {
  log::Warning("the store cannot be used: " + why + "; until it can, " + options_.meanwhile +
                   ": see that it runs, and check --" + options_.name + "-store and --" + options_.name +
                   "-password-file",
               {{"store", options_.name}, {"address", options_.address.ToString()}});
}

void RedisNode::Announce() {
  const std::lock_guard lock(subscribers_mutex_);
  for (const std::function<void()>& changed : subscribers_) changed();
}

void RedisNode::Subscribe(std::function<void()> changed) {
  const std::lock_guard lock(subscribers_mutex_);
  subscribers_.push_back(std::move(changed));
}

std::string RedisNode::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

io::Address RedisNode::server() const {
  const std::lock_guard lock(mutex_);
  return server_;
}

void RedisNode::AwaitFirstVerdict(std::chrono::milliseconds longest) const {
  const SteadyTime deadline = SteadyNow() + longest;
  while (!judged_.load(std::memory_order_acquire) && SteadyNow() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

io::Task<void> RedisNode::Prober() {
  while (!loop_.stopping()) {
    if (open()) {
      io::Task<void> tried = TryToClose();
      co_await tried;
      judged_.store(true, std::memory_order_release);
    } else if (options_.look && SteadyNow() >= next_look_) {
      next_look_ = SteadyNow() + options_.look_every;
      co_await Ask(options_.look);
    }
    io::Loop::Sleeper pause = loop_.Sleep(Jittered(options_.probe_every));
    co_await pause;
  }
}

// The server is found with its first good answer. Once it was lost, several in a row are needed: what answers
// now and then would be lost at once again.
io::Task<void> RedisNode::TryToClose() {
  const Status<> probed = co_await Ask(options_.probe);
  good_ = probed ? good_ + 1 : 0;
  if (!probed && !was_used_ && !loop_.stopping()) NoteNotFound(probed.error().message);
  if (good_ < (was_used_ ? options_.probes_to_close : 1)) co_return;
  good_ = 0;
  next_look_ = SteadyTime();
  CloseCircuit(found_);
}

// Of a server that was never found, told when it changes.
void RedisNode::NoteNotFound(const std::string& why) {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(trouble_, why) == why) return;
  }
  TellTrouble(why);
}

// On a fresh connection.
io::Task<Status<>> RedisNode::Ask(const Probe& question) {
  // Blocks this thread, which has nothing else to do.
  const Result<std::vector<io::Address>> servers = Resolve();
  if (!servers) co_return servers.error();
  Result<std::shared_ptr<RedisConnection>> opened = Fault{"its name has no address"};
  // A name may have an address of each family, and the server may listen on one.
  for (size_t i = 0; i < servers->size() && !opened; ++i) {
    found_ = (*servers)[i];
    const SteadyTime deadline = SteadyNow() + kProbeDeadline;
    opened = co_await RedisConnection::Open(loop_, options_.address, found_, deadline);
  }
  if (!opened) co_return opened.error();
  const std::shared_ptr<RedisConnection> connection = *opened;
  const SteadyTime asked = SteadyNow();
  const Status<> answer = co_await question(*connection);
  const SteadyTime::duration took = SteadyNow() - asked;
  connection->Close("the probe is over");
  if (!answer) co_return answer.error();
  if (took > options_.slow_after) {
    co_return Fault{"it took longer than " + std::to_string(options_.slow_after.count()) + " ms to answer"};
  }
  co_return Done{};
}

Result<std::vector<io::Address>> RedisNode::Resolve() const {
  const StoreAddress& address = options_.address;
  if (auto literal = io::Address::FromLiteral(address.host, address.port)) return std::vector{*literal};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (error != 0) return Fault{"its name cannot be looked up: " + std::string(::gai_strerror(error))};
  std::vector<io::Address> servers;
  for (const addrinfo* at = found; at != nullptr && servers.size() < kMostAddresses; at = at->ai_next) {
    sockaddr_storage storage{};
    std::memcpy(&storage, at->ai_addr, at->ai_addrlen);
    servers.emplace_back(storage);
  }
  ::freeaddrinfo(found);
  return servers;
}

}  // namespace tollgate::store
