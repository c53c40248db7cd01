// What the tests of the shared cache's store share: a real server, and proxies' stores over it on one loop.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "proxy/store/redis/redis_cache_store.h"
#include "tests/feature/redis_fixture.h"

namespace tollgate::store {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Outcome = CacheReply::Outcome;

inline constexpr milliseconds kMinute{60'000};

inline CacheDigest Digest(uint8_t n) {
  CacheDigest digest{};
  digest.back() = n;
  return digest;
}
constexpr CacheKey Key(uint8_t group, uint8_t entry) {
  CacheKey key{};
  key.group.back() = group;
  key.entry.back() = entry;
  return key;
}

// A proxy's node and one of its cores, on the test's loop.
struct Proxy {
  Proxy(io::Loop& loop, const kit::RedisServer& server, const std::string& installation,
        milliseconds deadline)
      : node({AddressOf(server), installation, deadline}), store(loop, node, NextSeed()) {}
  static uint64_t NextSeed() {
    static uint64_t seed = 0;
    return ++seed;
  }
  CacheNode node;
  RedisCacheStore store;
};

class RedisCacheStoreTest : public RedisFixture {
 protected:
  explicit RedisCacheStoreTest(std::vector<std::string> flags = {}) : server_(std::move(flags)) {}

  Proxy& Add(const std::string& installation = "test", milliseconds deadline = seconds(10)) {
    proxies_.push_back(std::make_unique<Proxy>(loop_, server_, installation, deadline));
    return *proxies_.back();
  }

  // Asks; where the store is away or late, again until it is there.
  io::Task<CacheReply> Get(Proxy& proxy, CacheKey key) {
    CacheReply reply;
    for (;;) {
      CacheStore::GetAwaiter get = proxy.store.Get(key, SteadyNow());
      reply = co_await get;
      const bool answered = reply.outcome == Outcome::kFound || reply.outcome == Outcome::kNone;
      if (answered || loop_.stopping()) break;
      io::Loop::Sleeper pause = loop_.Sleep(milliseconds(5));
      co_await pause;
    }
    co_return reply;
  }
  io::Task<CacheReply> GetOnce(Proxy& proxy, CacheKey key, SteadyTime since = SteadyNow()) {
    CacheStore::GetAwaiter get = proxy.store.Get(key, since);
    co_return co_await get;
  }
  // Stores as the cache does: under the edition of a look-up.
  io::Task<void> Put(Proxy& proxy, CacheKey key, std::string value, milliseconds left = kMinute) {
    io::Task<CacheReply> get = Get(proxy, key);
    const CacheReply reply = co_await get;
    proxy.store.Put(key, reply.edition, std::move(value), left);
  }
  // A second question to the same proxy comes after all that was put before.
  io::Task<std::string> Find(Proxy& proxy, CacheKey key) {
    io::Task<CacheReply> get = Get(proxy, key);
    const CacheReply reply = co_await get;
    co_return reply.outcome == Outcome::kFound ? reply.value : "nothing";
  }

  kit::RedisServer server_;
  std::vector<std::unique_ptr<Proxy>> proxies_;
};

}  // namespace tollgate::store
