// What the tests of the Redis client share: a loop in the test's own thread, a real server, and waiters that
// write down what they are told.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "proxy/store/redis/connection.h"
#include "tests/kit/loop_fixture.h"
#include "tests/kit/redis_server.h"

namespace tollgate::store {

// Where a server of a test's own is.
inline StoreAddress AddressOf(const kit::RedisServer& server) { return *StoreAddress::Parse(server.url()); }

// What each command came to, in the order in which it was told.
class Diary {
 public:
  // A waiter that lives as long as the diary; `name` is written before what it is told.
  ReplyWaiter& Waiter(const std::string& name) {
    waiters_.push_back(std::make_unique<Entry>(name, lines_));
    return *waiters_.back();
  }
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  class Entry final : public ReplyWaiter {
   public:
    Entry(std::string name, std::vector<std::string>& lines) : name_(std::move(name)), lines_(lines) {}

   private:
    void OnReply(ReplyView reply) override { lines_.push_back(name_ + ": " + std::string(reply.text())); }
    void OnLost() override { lines_.push_back(name_ + ": lost"); }

    const std::string name_;
    std::vector<std::string>& lines_;
  };

  std::vector<std::string> lines_;
  std::vector<std::unique_ptr<Entry>> waiters_;
};

class RedisFixture : public kit::LoopFixture {
 protected:
  using Opened = Result<std::shared_ptr<RedisConnection>>;

  // Connects to a server and hands the connection, or the fault, to `use`.
  io::Task<void> With(StoreAddress address, std::function<io::Task<void>(Opened)> use) {
    const io::Address where = *io::Address::FromLiteral(address.host, address.port);
    Opened opened =
        co_await RedisConnection::Open(loop_, address, where, SteadyNow() + std::chrono::seconds(5));
    io::Task<void> used = use(std::move(opened));
    co_await used;
  }

  // Fails the test, which must not go on without a connection.
  static void Missing(const Opened& opened) { ADD_FAILURE() << opened.error().message; }

  // The text of the reply to a command; "lost" where there was none.
  static io::Task<std::string> Ask(RedisConnection& connection, std::vector<std::string_view> command) {
    RedisConnection::Call call = connection.Ask(command);
    const ReplyView* reply = co_await call;
    co_return reply == nullptr ? "lost" : std::string(reply->text());
  }

  // Lets the loop go on until the condition holds; the fixture's own deadline ends a wait that is in vain.
  io::Task<void> Until(std::function<bool()> condition) {
    while (!condition() && !loop_.stopping()) {
      io::Loop::Sleeper pause = loop_.Sleep(std::chrono::milliseconds(5));
      co_await pause;
    }
  }
};

}  // namespace tollgate::store
