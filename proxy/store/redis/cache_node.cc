#include "proxy/store/redis/cache_node.h"

#include <array>
#include <utility>

#include "api/base/log.h"

namespace tollgate::store {

CacheNode::CacheNode(CacheNodeOptions options)
    : options_(std::move(options)),
      prefix_("tg:" + options_.installation + ":cache:"),
      node_({.name = "cache",
             .address = options_.address,
             .meanwhile = "each proxy answers from its own memory alone",
             .probe = [this](RedisConnection& connection) { return Probe(connection); },
             .slow_after = options_.deadline}) {}

// Forgets what was never there: a server that can be read but not told to forget, a replica for instance,
// would hand out what an unsafe method has outdated.
io::Task<Status<>> CacheNode::Probe(RedisConnection& connection) const {
  const std::string key = prefix_ + "probe";
  const std::array<std::string_view, 2> forget{"DEL", key};
  RedisConnection::Call call = connection.Ask(forget);
  const ReplyView* reply = co_await call;
  if (reply == nullptr) co_return Fault{"the connection ended before the probe was answered"};
  if (reply->is_error()) co_return Fault{"it refuses DEL: " + std::string(reply->error())};
  co_return Done{};
}

void CacheNode::NoteRefused(std::string_view error) {
  tally_.refused.fetch_add(1, std::memory_order_relaxed);
  const SteadyTime now = SteadyNow();
  int64_t next = next_complaint_.load(std::memory_order_relaxed);
  const int64_t after = (now + std::chrono::minutes(1)).time_since_epoch().count();
  if (now.time_since_epoch().count() < next || !next_complaint_.compare_exchange_strong(next, after)) return;
  log::Warning(
      "the shared cache takes no answers; give it memory and maxmemory-policy allkeys-lfu",
      {{"store", node_.name()}, {"address", options_.address.ToString()}, {"error", std::string(error)}});
}

}  // namespace tollgate::store
