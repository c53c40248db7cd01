// The store over a real redis-server: under the rules of all stores, with a clock that the test sets.
#include "proxy/store/redis/redis_limit_store.h"

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>

#include "proxy/store/redis/limit_node.h"
#include "tests/kit/redis_server.h"
#include "tests/unit/proxy/store/redis/test_clock.h"
#include "tests/unit/proxy/store/store_under_test.h"

namespace tollgate::store {
namespace {

constexpr std::chrono::seconds kPatience{10};

// A second connection, on the store's loop, that sets the clock.
class ClockSetter {
 public:
  explicit ClockSetter(io::Loop& loop, RedisNode& node) : link_(loop, node) {}

  io::Task<bool> Set(WallMicros now) {
    const std::string text = std::to_string(now);
    const std::array<std::string_view, 3> set{"SET", "clock", text};
    if (link_.connection() == nullptr) co_return false;
    RedisConnection::Call call = link_.connection()->Ask(set);
    const ReplyView* reply = co_await call;
    co_return reply != nullptr && !reply->is_error();
  }

 private:
  CoreLink link_;
};

class RedisStoreUnderTest final : public StoreUnderTest {
 public:
  RedisStoreUnderTest()
      : server_({"--maxmemory-policy", "noeviction"}),
        shared_({.address = *StoreAddress::Parse(server_.url()),
                 .installation = "test",
                 .deadline = kPatience,
                 .slow_after = kPatience,
                 .refusals_kept = std::chrono::milliseconds(0)},
                system_clock_, 1, LimitScript(kTestClock)) {
    server_.Ask({"SET", "clock", std::to_string(kNoon)});
    shared_.node().AwaitFirstVerdict(kPatience);
    thread_ = std::thread([this] { loop_.Run(); });
    SetTime(kNoon);
  }
  ~RedisStoreUnderTest() override {
    loop_.Stop();
    thread_.join();
  }

  void SetTime(WallMicros now) override { now_ = now; }
  int patience() const override { return 1000; }

  LimitReply Decide(const LimitRequest& request) override {
    std::promise<LimitReply> decided;
    loop_.Post([&] { io::Detach(DecideAt(now_, request, decided)); });
    std::future<LimitReply> reply = decided.get_future();
    if (reply.wait_for(kPatience) != std::future_status::ready)
      throw std::runtime_error("no decision is made");
    return reply.get();
  }

 private:
  io::Task<void> DecideAt(WallMicros now, const LimitRequest& request, std::promise<LimitReply>& decided) {
    while (now != set_) {
      if (co_await clock_.Set(now)) {
        set_ = now;
      } else {
        io::Loop::Sleeper pause = loop_.Sleep(std::chrono::milliseconds(5));
        co_await pause;
      }
    }
    LimitStore::DecideAwaiter decide = store_.Decide(request);
    decided.set_value(co_await decide);
  }

  kit::RedisServer server_;
  SystemWallClock system_clock_;
  LimitNode shared_;
  io::Loop loop_;
  RedisLimitStore store_{loop_, shared_, 42};
  ClockSetter clock_{loop_, shared_.node()};
  WallMicros now_ = kNoon;
  WallMicros set_ = 0;
  std::thread thread_;
};

std::unique_ptr<StoreUnderTest> MakeRedisStore() { return std::make_unique<RedisStoreUnderTest>(); }

INSTANTIATE_TEST_SUITE_P(Redis, LimitStoreRules, testing::Values(&MakeRedisStore),
                         [](const auto&) { return "Server"; });

}  // namespace
}  // namespace tollgate::store
