// The shared cache store over Redis (7.0 or newer), of one core.
//
//   tg:<installation>:cache:{<group>}           the group's edition: 16 bytes, made by the first who asks
//   tg:<installation>:cache:{<group>}:<entry>   a value, and behind it the edition that it was put under
//
// Names are hexadecimal; the braces keep a group on one node. An entry expires with what it holds, at a time
// of the server's clock, so that a command that a frozen server runs late stores nothing that has aged. The
// edition expires after the last of its entries. One thread, its loop's.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "proxy/io/loop.h"
#include "proxy/store/cache_store.h"
#include "proxy/store/redis/cache_node.h"
#include "proxy/store/redis/core_link.h"
#include "proxy/store/redis/slow_watch.h"
#include "proxy/store/redis/store_clock.h"

namespace tollgate::store {

class RedisCacheStore final : public CacheStore {
 public:
  // What may be under way to the server. A look-up waits behind it: at a gigabit a second, 16 ms.
  static constexpr size_t kMostUnderWay = size_t{2} << 20;
  // Groups that wait to be forgotten: those of ten seconds with 1,000 unsafe requests each; some MiB.
  static constexpr size_t kMostOwed = 10'000;

  // Both must outlive this; the loop must have ended, or never begun, before this is destroyed. `seed` is
  // random: no other core of any proxy, at any time, may have the same.
  RedisCacheStore(io::Loop& loop, CacheNode& shared, uint64_t seed);
  ~RedisCacheStore() override;

  void Put(const CacheKey& key, CacheEdition edition, std::string value,
           std::chrono::milliseconds left) override;
  void Forget(const CacheDigest& group, std::function<void()> done) override;

  // What waits to be forgotten. For tests.
  size_t owed() const { return owed_.size(); }

 protected:
  bool TryGet(GetAwaiter& get) override;
  void StartGet(GetAwaiter& get) override;

 private:
  class Fetch;
  class Write;
  class Oblivion;
  class Unheard;
  class TimeListener;

  void SendForget(std::unique_ptr<Oblivion> oblivion);
  void Owe(std::unique_ptr<Oblivion> oblivion);
  void OnLinkChanged();
  io::Task<Status<>> LearnTime(RedisConnection& connection);
  void KeepTime(RedisConnection& connection);
  void JudgeSpeed(SteadyTime since, SteadyTime now);
  SteadyTime DeadlineOf(SteadyTime since) const;

  std::string GroupName(const CacheDigest& group) const;
  std::string EntryName(const CacheKey& key) const;

  io::Loop& loop_;
  CacheNode& shared_;
  const std::unique_ptr<Unheard> unheard_;  // waits for replies that nobody reads
  const std::unique_ptr<TimeListener> time_listener_;
  StoreClock clock_;  // its server's
  SteadyTime time_asked_{};
  SlowWatch slow_;
  CacheEdition next_edition_;
  size_t under_way_ = 0;  // bytes of values sent and not answered
  std::deque<std::unique_ptr<Oblivion>> owed_;
  CoreLink link_;  // last: calls into all above
};

}  // namespace tollgate::store
