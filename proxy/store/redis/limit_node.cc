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
             .meanwhile = "each plan's whenStoreIsDown decides",
             .probe = [this](RedisConnection& connection) { return Probe(connection); },
             .slow_after = options_.slow_after,
             .look = [this](RedisConnection& connection) { return ReadPolicy(connection); },
             .look_every = options_.policy_every}) {}

// By INFO, since hosted servers forbid CONFIG; where it is forbidden too, the best is believed.
io::Task<Status<>> LimitNode::ReadPolicy(RedisConnection& connection) {
  const std::array<std::string_view, 2> info{"INFO", "memory"};
  RedisConnection::Call call = connection.Ask(info);
  const ReplyView* reply = co_await call;
  if (reply == nullptr) co_return Fault{"the connection ended before it told its policy"};
  const std::string_view text = reply->is_error() ? std::string_view() : reply->text();
  if (const size_t at = text.find(kPolicyField); at != std::string_view::npos) {
    evicts_.store(!text.substr(at + kPolicyField.size()).starts_with("noeviction"),
                  std::memory_order_relaxed);
  }
  co_return Done{};
}

// Decides a request that nobody made, on a key of this process's own: what the script cannot do, such as
// writing to a replica, it cannot do here.
io::Task<Status<>> LimitNode::Probe(RedisConnection& connection) {
  const RateTerms terms(1'000'000'000, 1'000'000, 1);
  LimitRequest request;
  request.keys[static_cast<size_t>(KeyGroup::kPlan)] = {first_name_, 0};
  request.limits[0] = {KeyGroup::kPlan, 0, &terms};
  request.limit_count = 1;
  LimitBatch batch(prefix_);
  batch.Add(request);
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
