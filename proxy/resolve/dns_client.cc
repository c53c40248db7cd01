#include "proxy/resolve/dns_client.h"

#include <ares.h>
#include <sys/time.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

#include "api/base/check.h"
#include "proxy/io/address.h"
#include "proxy/io/fd_watch.h"

namespace tollgate::resolve {
namespace {

// A name server answers in milliseconds or from another one within a second; then it is asked again, twice,
// each time for longer.
constexpr int kTimeoutMs = 1'000;
constexpr int kTries = 3;

void InitializeLibrary() {
  static const int kInitialized = ares_library_init(ARES_LIB_INIT_ALL);
  TOLLGATE_CHECK(kInitialized == ARES_SUCCESS);
}

struct DestroyChannel {
  void operator()(ares_channel channel) const { ares_destroy(channel); }
};
using OwnedChannel = std::unique_ptr<std::remove_pointer_t<ares_channel>, DestroyChannel>;

std::string TextOf(const sockaddr* address) {
  sockaddr_storage storage{};
  std::memcpy(&storage, address, address->sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
  return io::Address(storage).ip();
}

Lookup Found(const ares_addrinfo& info) {
  Lookup lookup{.outcome = Lookup::Outcome::kFound};
  int ttl = INT32_MAX;
  for (const ares_addrinfo_cname* cname = info.cnames; cname != nullptr; cname = cname->next) {
    ttl = std::min(ttl, cname->ttl);
  }
  for (const ares_addrinfo_node* node = info.nodes; node != nullptr; node = node->ai_next) {
    if (node->ai_family != AF_INET && node->ai_family != AF_INET6) continue;
    lookup.addresses.push_back(TextOf(node->ai_addr));
    ttl = std::min(ttl, node->ai_ttl);
  }
  lookup.ttl = std::chrono::seconds(std::max(ttl, 0));
  return lookup;
}

Lookup ToLookup(int status, const ares_addrinfo* info) {
  if (status == ARES_SUCCESS && info != nullptr && info->nodes != nullptr) return Found(*info);
  if (status == ARES_ENOTFOUND) return {.outcome = Lookup::Outcome::kNone, .reason = "there is no such name"};
  if (status == ARES_ENODATA || status == ARES_SUCCESS) {
    return {.outcome = Lookup::Outcome::kNone, .reason = "the name has no address"};
  }
  return {.outcome = Lookup::Outcome::kFailed, .reason = ares_strerror(status)};
}

}  // namespace

struct DnsClient::State final : io::Timer {
  explicit State(io::Loop& on) : loop(on) {}

  static void OnSocket(void* self, ares_socket_t socket, int readable, int writable) {
    static_cast<State*>(self)->Watch(socket, readable != 0, writable != 0);
  }
  // c-ares closes a socket right after it has said that it wants nothing of it.
  void Watch(int socket, bool read, bool write) {
    if (!read && !write) {
      watches.erase(socket);
      return;
    }
    const auto ready = [this, socket](bool readable, bool writable) {
      Process(readable ? socket : ARES_SOCKET_BAD, writable ? socket : ARES_SOCKET_BAD);
    };
    watches.try_emplace(socket, loop, socket, ready).first->second.Want(read, write);
  }
  void OnTimer() override { Process(ARES_SOCKET_BAD, ARES_SOCKET_BAD); }
  void Process(int readable, int writable) {
    ares_process_fd(channel.get(), readable, writable);
    ArmForTimeout();
  }
  void ArmForTimeout() {
    timeval wait{};
    if (ares_timeout(channel.get(), nullptr, &wait) == nullptr) return Cancel();
    loop.Arm(*this,
             SteadyNow() + std::chrono::seconds(wait.tv_sec) + std::chrono::microseconds(wait.tv_usec));
  }

  io::Loop& loop;
  std::map<int, io::FdWatch> watches;  // by socket
  OwnedChannel channel;                // nullptr: c-ares could not be set up
  int fault = ARES_SUCCESS;
};

DnsClient::DnsClient(io::Loop& loop, const std::string& servers) : state_(std::make_unique<State>(loop)) {
  InitializeLibrary();
  ares_options options{};
  options.timeout = kTimeoutMs;
  options.tries = kTries;
  options.sock_state_cb = &State::OnSocket;
  options.sock_state_cb_data = state_.get();
  ares_channel channel = nullptr;
  state_->fault =
      ares_init_options(&channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
  if (state_->fault != ARES_SUCCESS) return;
  state_->channel.reset(channel);
  if (!servers.empty()) state_->fault = ares_set_servers_ports_csv(channel, servers.c_str());
}

DnsClient::~DnsClient() { state_->channel.reset(); }

void DnsClient::Find(const std::string& host, OnDone done) {
  if (state_->fault != ARES_SUCCESS) return done(ToLookup(state_->fault, nullptr));
  const auto finish = [](void* argument, int status, int /*timeouts*/, ares_addrinfo* info) {
    const std::unique_ptr<OnDone> kept(static_cast<OnDone*>(argument));
    const Lookup lookup = ToLookup(status, info);
    if (info != nullptr) ares_freeaddrinfo(info);
    (*kept)(lookup);
  };
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = ARES_AI_NOSORT;  // all of them are used
  ares_getaddrinfo(state_->channel.get(), host.c_str(), nullptr, &hints, finish, new OnDone(std::move(done)));
  state_->ArmForTimeout();
}

bool DnsClient::IsServerList(const std::string& servers) {
  InitializeLibrary();
  ares_channel channel = nullptr;
  if (ares_init(&channel) != ARES_SUCCESS) return true;  // says nothing against them
  const OwnedChannel owned(channel);
  return ares_set_servers_ports_csv(channel, servers.c_str()) == ARES_SUCCESS;
}

}  // namespace tollgate::resolve
