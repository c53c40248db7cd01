#include "proxy/store/redis/limit_node.h"

#include <array>
#include <random>

#include "proxy/store/redis/limit_batch.h"

namespace tollgate::store {
namespace {

uint64_t RandomName() {
  std::random_device random;
  return static_cast<uint64_t>(random()) << 32 | random();
}

constexpr std::string_view kPolicyField = "maxmemory_policy:";

}  // namespace

LimitNode::LimitNode(LimitNodeOptions options, const WallClock& clock, uint64_t seed, LimitScript script)
    : options_(std::move(options)),
      clock_(clock),
      script_(std::move(script)),
      prefix_("tg:" + options_.installation + ":"),
      first_name_(RandomName()),
      outage_(clock, seed),
      node_({.name = "limits",
             .address = options_.address,
             .probe = [this](RedisConnection& connection) { return Probe(connection); },
             .slow_after = options_.slow_after}) {}

// Reads from INFO whether the server throws records away. By INFO, since hosted servers forbid CONFIG; where
// it is forbidden too, the best is believed.
class LimitNode::PolicyReader final : public ReplyWaiter {
 public:
  explicit PolicyReader(std::atomic<bool>& evicts) : evicts_(evicts) {}

 private:
  void OnReply(ReplyView reply) override {
    const std::string_view text = reply.text();
    const size_t at = text.find(kPolicyField);
    if (reply.is_error() || at == std::string_view::npos) return;
    evicts_.store(!text.substr(at + kPolicyField.size()).starts_with("noeviction"),
                  std::memory_order_relaxed);
  }
  void OnLost() override {}

  std::atomic<bool>& evicts_;
};

// Decides a request that nobody made, on a key of this process's own: what the script cannot do, such as
// writing to a replica, it cannot do here. What else is asked goes in front, in the same round trip: the time
// that this takes is held to be a decision's.
io::Task<Status<>> LimitNode::Probe(RedisConnection& connection) {
  const RateTerms terms(1'000'000'000, 1'000'000, 1);
  LimitRequest request;
  request.keys[static_cast<size_t>(KeyGroup::kPlan)] = {first_name_, 0};
  request.limits[0] = {KeyGroup::kPlan, 0, &terms};
  request.limit_count = 1;
  LimitBatch batch(prefix_);
  batch.Add(request);
  PolicyReader policy(evicts_);
  const std::array<std::string_view, 2> info{"INFO", "memory"};
  if (!connection.open()) co_return Fault{"the connection ended before a decision was made"};
  connection.Send(info, policy);
  RedisConnection::Call call = connection.Ask(batch.Command(script_, true, INT64_MAX));
  const ReplyView* reply = co_await call;
  if (reply == nullptr) co_return Fault{"the connection ended before a decision was made"};
  if (reply->is_error()) co_return Fault{"it refuses to decide: " + std::string(reply->error())};
  if (BatchAnswer(reply->text()).outcome() != BatchAnswer::Outcome::kDecided) {
    co_return Fault{"its answer to a decision cannot be read; does something else than Redis listen there?"};
  }
  co_return Done{};
}

}  // namespace tollgate::store
