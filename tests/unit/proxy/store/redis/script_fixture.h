// The limit script on a real redis-server, called batch by batch at moments that the test says.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "proxy/store/redis/connection.h"
#include "proxy/store/redis/limit_batch.h"
#include "proxy/store/redis/limit_script.h"
#include "tests/kit/redis_server.h"
#include "tests/unit/proxy/store/redis/test_clock.h"
#include "tests/unit/proxy/store/store_under_test.h"

namespace tollgate::store {

// A connection whose answers are waited for.
class BlockingRedis {
 public:
  explicit BlockingRedis(const kit::RedisServer& server) : address_(*StoreAddress::Parse(server.url())) {
    loop_.Post([this] { io::Detach(Open()); });
    thread_ = std::thread([this] { loop_.Run(); });
    if (!Await(opened_)) throw std::runtime_error("cannot connect to redis-server");
  }
  ~BlockingRedis() {
    loop_.Stop();
    thread_.join();
  }

  // What a command is answered, an error's text and a number included.
  std::string Ask(const std::vector<std::string_view>& command) {
    std::promise<std::string> answered;
    loop_.Post([&] { io::Detach(Ask(command, answered)); });
    return Await(answered);
  }

 private:
  template <class T>
  static T Await(std::promise<T>& promise) {
    std::future<T> future = promise.get_future();
    if (future.wait_for(std::chrono::seconds(10)) != std::future_status::ready)
      throw std::runtime_error("redis-server does not answer");
    return future.get();
  }

  io::Task<void> Open() {
    auto opened = co_await RedisConnection::Open(loop_, address_,
                                                 *io::Address::FromLiteral(address_.host, address_.port),
                                                 SteadyNow() + std::chrono::seconds(5));
    if (opened) connection_ = *opened;
    opened_.set_value(connection_ != nullptr);
  }
  io::Task<void> Ask(const std::vector<std::string_view>& command, std::promise<std::string>& answered) {
    RedisConnection::Call call = connection_->Ask(command);
    const ReplyView* reply = co_await call;
    if (reply == nullptr) {
      answered.set_value("lost");
    } else if (reply->kind() == ReplyView::Kind::kInteger) {
      answered.set_value(std::to_string(reply->integer()));
    } else {
      answered.set_value(std::string(reply->text()));
    }
  }

  const StoreAddress address_;
  io::Loop loop_;
  std::shared_ptr<RedisConnection> connection_;
  std::promise<bool> opened_;
  std::thread thread_;
};

class ScriptFixture : public testing::Test {
 protected:
  static void SetUpTestSuite() { server = std::make_unique<kit::RedisServer>(); }
  static void TearDownTestSuite() { server.reset(); }
  void SetUp() override { Ask({"FLUSHALL"}); }

  std::string Ask(const std::vector<std::string_view>& command) { return redis_.Ask(command); }
  void SetTime(WallMicros now) {
    if (std::exchange(now_, now) == now) return;
    Ask({"SET", "clock", std::to_string(now)});
  }

  static constexpr WallMicros kNever = INT64_MAX;

  // What the script answers to the batch as it stands.
  std::string RunBatch(WallMicros now, LimitBatch& batch, WallMicros not_after = kNever) {
    SetTime(now);
    std::string answer = Ask(batch.Command(script_, false, not_after));
    if (!answer.starts_with("NOSCRIPT")) return answer;
    return Ask(batch.Command(script_, true, not_after));
  }
  // What the whole database is, as one word: so that nothing has changed where it has not.
  std::string Digest(WallMicros now) {
    SetTime(now);
    return Ask({"DEBUG", "DIGEST"});
  }
  // Keys that would stay for ever, but for the clock's.
  std::string KeysWithoutEnd() {
    constexpr std::string_view kText =
        "local found = '' for _, key in ipairs(redis.call('KEYS', 'tg:*')) do "
        "if redis.call('PTTL', key) < 0 then found = found .. ' ' .. key end end return found";
    return Ask({"EVAL", kText, "0"});
  }

  static std::unique_ptr<kit::RedisServer> server;
  const LimitScript script_{kTestClock};

 private:
  BlockingRedis redis_{*server};
  WallMicros now_ = 0;
};
inline std::unique_ptr<kit::RedisServer> ScriptFixture::server;

}  // namespace tollgate::store
