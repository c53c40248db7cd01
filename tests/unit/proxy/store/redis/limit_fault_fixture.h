// A core whose way to a real redis-server leads through a relay, for faults of either.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/kit/redis_server.h"
#include "tests/kit/tcp_relay.h"
#include "tests/unit/proxy/store/redis/limit_core.h"

namespace tollgate::store {

class LimitFaultFixture : public testing::Test {
 protected:
  using milliseconds = std::chrono::milliseconds;
  using seconds = std::chrono::seconds;

  // With much time for everything, so that only what the test does is a fault.
  LimitNodeOptions Options() const {
    LimitNodeOptions options;
    options.address = *StoreAddress::Parse("redis://127.0.0.1:" + std::to_string(relay_.port()));
    options.installation = "test";
    options.deadline = seconds(5);
    options.slow_after = seconds(5);
    options.refusals_kept = milliseconds(0);
    return options;
  }
  void Start() { Start(Options()); }
  // Also in place of the core that was there.
  void Start(LimitNodeOptions options) {
    core_.reset();
    node_ = std::make_unique<LimitNode>(std::move(options), clock_, 1);
    core_ = std::make_unique<LimitCore>(*node_);
    node_->node().AwaitFirstVerdict(seconds(10));
  }
  void TearDown() override {
    core_.reset();
    node_.reset();
  }

  // A caller that may make `requests` an hour and has `credits`, each call at the price of 1.
  RequestBuilder Caller(uint64_t consumer, uint64_t requests, uint64_t credits,
                        api::WhenStoreIsDown down = api::CLOSED) const {
    RequestBuilder caller(consumer);
    caller.Limit({requests, kHour, 0})
        .Quota(credits, 1, false, {began_ - kHour, began_ + kHour, began_ + 2 * kHour});
    return caller.WhenDown(down);
  }

  LimitReply Decide(const LimitRequest& request) {
    LimitCore::Reply reply = core_->Ask(request);
    if (!IsReady(reply)) throw std::runtime_error("no decision is made");
    return reply.get();
  }
  Tally Decide(const LimitRequest& request, size_t count) { return TallyOf(core_->Ask(request, count)); }

  bool CircuitOpens() const {
    return kit::Eventually([this] { return node_->node().open(); });
  }
  // Closed, and a connection there: the store decides.
  bool StoreDecidesAgain() {
    const RequestBuilder free = RequestBuilder(999).Limit({1'000'000, kSecond, 1'000'000});
    return kit::Eventually([&] { return Decide(free).answerer == Answerer::kStore; });
  }

  // Of the only consumer that has used credits.
  std::string Used() const {
    const std::vector<std::string> keys = server_.Keys("*:q:*");
    return keys.size() == 1 ? server_.Ask({"HGET", keys.front(), "used"})
                            : std::to_string(keys.size()) + " records";
  }
  bool UsedBecomes(size_t used) const {
    return kit::Eventually([&] { return Used() == std::to_string(used); });
  }

  kit::RedisServer server_{{"--maxmemory-policy", "noeviction", "--appendonly", "yes"}};
  kit::TcpRelay relay_{"127.0.0.1", "127.0.0.1", static_cast<uint16_t>(server_.port())};
  SystemWallClock clock_;
  const WallMicros began_ = clock_.Now();
  std::unique_ptr<LimitNode> node_;
  std::unique_ptr<LimitCore> core_;
};

}  // namespace tollgate::store
