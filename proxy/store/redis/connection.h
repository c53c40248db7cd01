// One connection to a Redis server, for one loop: commands of a turn go out in one write at its end, replies
// come back in their order. Notices by itself when the server has fallen silent. One thread, its loop's.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "api/base/clock.h"
#include "api/base/result.h"
#include "proxy/io/loop.h"
#include "proxy/io/stream.h"
#include "proxy/io/task.h"
#include "proxy/store/redis/codec.h"
#include "proxy/store/redis/store_address.h"

namespace tollgate::store {

// Whoever waits for a reply. Exactly one of the two is called for each command, never from inside Send();
// it must stay until then.
class ReplyWaiter {
 public:
  virtual void OnReply(ReplyView reply) = 0;
  // The connection ended before.
  virtual void OnLost() = 0;

 protected:
  ~ReplyWaiter() = default;
};

struct ConnectionOptions {
  // A server that leaves a command unanswered for so long is frozen or gone.
  std::chrono::milliseconds longest_silence{250};
  // Asked of an idle server, so that its end is noticed before somebody waits for it.
  std::chrono::milliseconds ping_every{100};
};

class RedisConnection : public std::enable_shared_from_this<RedisConnection> {
 public:
  using Options = ConnectionOptions;
  // Says why the connection ended; called once, when nobody waits any more.
  using OnEnd = std::function<void(const std::string& why)>;

  // Connects, authenticates, chooses the database. The fault says what the server or the network said,
  // without credentials. `server` is where the address's host was found.
  static io::Task<Result<std::shared_ptr<RedisConnection>>> Open(io::Loop& loop, const StoreAddress& address,
                                                                 const io::Address& server,
                                                                 SteadyTime deadline, Options options = {});
  // From here on the end is told. Before, and without it, nobody is.
  void Watch(OnEnd on_end);

  // Sends a command, any bytes as arguments.
  void Send(std::span<const std::string_view> arguments, ReplyWaiter& waiter);

  // co_await: the reply to a command, which stays until the next await; nothing: the connection ended.
  class Call;
  Call Ask(std::span<const std::string_view> arguments);

  // Ends it: who waits is told with OnLost(), the watcher with `why`.
  void Close(const std::string& why);
  bool open() const { return open_; }
  size_t unanswered() const { return unanswered_.size(); }

  RedisConnection(io::Loop& loop, std::unique_ptr<io::Stream> stream, Options options);

 private:
  struct Unanswered {
    ReplyWaiter* waiter;  // nullptr: a ping's
    SteadyTime sent;
  };

  static io::Task<Status<>> Enter(RedisConnection& connection, const StoreAddress& address);
  static io::Task<void> ReadReplies(std::shared_ptr<RedisConnection> self);
  static io::Task<void> WriteCommands(std::shared_ptr<RedisConnection> self);
  static io::Task<void> KeepAwake(std::shared_ptr<RedisConnection> self);
  bool TakeReplies();
  void ScheduleWrite();
  void Append(std::span<const std::string_view> arguments, ReplyWaiter* waiter);
  void Finish();

  io::Loop& loop_;
  const std::unique_ptr<io::Stream> stream_;
  const Options options_;
  ReplyReader replies_;
  std::deque<Unanswered> unanswered_;
  std::string out_;      // the commands of this turn
  std::string writing_;  // those under way
  bool write_scheduled_ = false;
  bool open_ = true;
  std::string why_;
  OnEnd on_end_;
  SteadyTime last_sent_;
};

// Trivially destructible, so that it may stand in a co_await expression (io/task.h).
class RedisConnection::Call final : public ReplyWaiter {
 public:
  Call(RedisConnection& connection, std::span<const std::string_view> arguments)
      : connection_(connection), arguments_(arguments) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  bool await_ready() const { return !connection_.open(); }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    connection_.Send(arguments_, *this);
  }
  const ReplyView* await_resume() const { return reply_; }

 private:
  void OnReply(ReplyView reply) override {
    reply_ = &reply;
    waiter_.resume();
  }
  void OnLost() override { waiter_.resume(); }

  RedisConnection& connection_;
  const std::span<const std::string_view> arguments_;
  const ReplyView* reply_ = nullptr;
  std::coroutine_handle<> waiter_;
};

inline RedisConnection::Call RedisConnection::Ask(std::span<const std::string_view> arguments) {
  return {*this, arguments};
}

}  // namespace tollgate::store
