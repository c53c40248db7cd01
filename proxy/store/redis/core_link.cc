#include "proxy/store/redis/core_link.h"

#include <mutex>
#include <string>
#include <utility>

namespace tollgate::store {
namespace {

// The circuit is closed, so the server answered a moment ago.
constexpr std::chrono::milliseconds kConnectDeadline{250};

}  // namespace

// What a connection under way or one that ends still finds when the link itself is gone. The loop's thread.
struct CoreLink::State : std::enable_shared_from_this<State> {
  State(io::Loop& loop_in, RedisNode& node_in, CoreLinkOptions options_in)
      : loop(loop_in), node(node_in), options(std::move(options_in)) {}

  // Makes what is so what the circuit wants: events trigger, the node's state decides.
  void Follow();
  static io::Task<void> Connect(std::shared_ptr<State> self);
  io::Task<Result<std::shared_ptr<RedisConnection>>> Open();
  void Adopt(std::shared_ptr<RedisConnection> opened, uint64_t outage);
  void Lose(uint64_t outage, const std::string& why);
  bool over() const { return abandoned || loop.stopping(); }

  io::Loop& loop;
  RedisNode& node;
  const CoreLinkOptions options;
  std::shared_ptr<RedisConnection> connection;  // made and not lost yet
  bool connecting = false;
  bool abandoned = false;  // the link is gone
};

// The node calls from any thread and lives longer than the loop.
class CoreLink::Doorbell {
 public:
  Doorbell(io::Loop& loop, std::weak_ptr<State> state) : loop_(&loop), state_(std::move(state)) {}

  void Ring() {
    const std::lock_guard lock(mutex_);
    if (loop_ == nullptr) return;
    loop_->Post([weak = state_] {
      if (const std::shared_ptr<State> state = weak.lock()) state->Follow();
    });
  }
  void TakeDown() {
    const std::lock_guard lock(mutex_);
    loop_ = nullptr;
  }

 private:
  std::mutex mutex_;
  io::Loop* loop_;  // guarded by mutex_
  const std::weak_ptr<State> state_;
};

void CoreLink::State::Follow() {
  if (over()) return;
  if (node.open()) {
    if (connection != nullptr) connection->Close("the circuit is open");
    return;
  }
  if (connection != nullptr || connecting) return;
  connecting = true;
  io::Detach(Connect(shared_from_this()));
}

io::Task<void> CoreLink::State::Connect(std::shared_ptr<State> self) {
  // Read first: an outage that begins while this connects is noticed, however short it is.
  const uint64_t outage = self->node.outages();
  Result<std::shared_ptr<RedisConnection>> opened = co_await self->Open();
  self->connecting = false;
  if (!opened) {
    self->Lose(outage, opened.error().message);
  } else if (self->over() || self->node.open() || self->node.outages() != outage) {
    (*opened)->Close("it came too late");
    self->Follow();
  } else {
    self->Adopt(*std::move(opened), outage);
  }
}

io::Task<Result<std::shared_ptr<RedisConnection>>> CoreLink::State::Open() {
  const SteadyTime deadline = SteadyNow() + kConnectDeadline;
  const io::Address server = node.server();
  Result<std::shared_ptr<RedisConnection>> opened =
      co_await RedisConnection::Open(loop, node.address(), server, deadline, options.connection);
  if (!opened || !options.prepare) co_return opened;
  const std::shared_ptr<RedisConnection> made = *opened;
  const Status<> prepared = co_await options.prepare(*made);
  if (prepared && made->open()) co_return opened;
  const std::string why = prepared ? "it closed the connection" : prepared.error().message;
  made->Close(why);
  co_return Fault{why};
}

void CoreLink::State::Adopt(std::shared_ptr<RedisConnection> opened, uint64_t outage) {
  connection = std::move(opened);
  connection->Watch([weak = weak_from_this(), outage](const std::string& why) {
    const std::shared_ptr<State> self = weak.lock();
    if (self == nullptr) return;
    self->connection.reset();
    if (self->options.changed && !self->over()) self->options.changed();
    self->Lose(outage, why);
  });
  if (options.changed) options.changed();
}

// A connection that was made before the last outage says nothing about the server as it is now.
void CoreLink::State::Lose(uint64_t outage, const std::string& why) {
  if (over()) return;
  if (node.outages() == outage) node.Trip(why);
  Follow();
}

CoreLink::CoreLink(io::Loop& loop, RedisNode& node, CoreLinkOptions options)
    : node_(node),
      state_(std::make_shared<State>(loop, node, std::move(options))),
      doorbell_(std::make_shared<Doorbell>(loop, state_)) {
  node_.Subscribe([doorbell = doorbell_] { doorbell->Ring(); });
  // The circuit may have closed already.
  doorbell_->Ring();
}

CoreLink::~CoreLink() {
  doorbell_->TakeDown();
  state_->abandoned = true;
  if (state_->connection != nullptr) state_->connection->Close("nobody uses it any more");
}

RedisConnection* CoreLink::connection() const {
  RedisConnection* const connection = state_->connection.get();
  return connection != nullptr && connection->open() ? connection : nullptr;
}

}  // namespace tollgate::store
