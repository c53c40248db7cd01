// The shared cache's store over a real redis-server: what is found and for how long, what is forgotten, and
// what comes of a server that is frozen, full or read-only.
#include "proxy/store/redis/redis_cache_store.h"

#include <gmock/gmock.h>

#include <optional>

#include "tests/feature/redis_fixture.h"

namespace tollgate::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Outcome = CacheReply::Outcome;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr milliseconds kMinute{60'000};

CacheDigest Digest(uint8_t n) {
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
      CacheStore::GetAwaiter get = proxy.store.Get(key);
      reply = co_await get;
      const bool answered = reply.outcome == Outcome::kFound || reply.outcome == Outcome::kNone;
      if (answered || loop_.stopping()) break;
      io::Loop::Sleeper pause = loop_.Sleep(milliseconds(5));
      co_await pause;
    }
    co_return reply;
  }
  io::Task<CacheReply> GetOnce(Proxy& proxy, CacheKey key) {
    CacheStore::GetAwaiter get = proxy.store.Get(key);
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

TEST_F(RedisCacheStoreTest, WhatOneProxyPutsAnotherFinds) {
  Proxy& one = Add();
  Proxy& two = Add();
  const std::string value("any bytes \0\r\n", 13);
  std::string here;
  std::string there;
  const auto story = [&]() -> io::Task<void> {
    io::Task<void> put = Put(one, Key(1, 1), value);
    co_await put;
    io::Task<std::string> own = Find(one, Key(1, 1));
    here = co_await own;
    io::Task<std::string> find = Find(two, Key(1, 1));
    there = co_await find;
  };
  Run(story());
  EXPECT_EQ(here, value);
  EXPECT_EQ(there, value);
  EXPECT_EQ(one.node.tally().stored, 1u);
}

TEST_F(RedisCacheStoreTest, EveryKeyIsTheInstallationsAndExpiresWithItsAnswers) {
  Proxy& proxy = Add("green");
  const auto story = [&]() -> io::Task<void> {
    io::Task<void> put = Put(proxy, Key(1, 1), "short", seconds(100));
    co_await put;
    io::Task<void> further = Put(proxy, Key(1, 2), "long", seconds(1000));
    co_await further;
    io::Task<void> last = Put(proxy, Key(1, 3), "short again", seconds(200));
    co_await last;
    io::Task<std::string> find = Find(proxy, Key(1, 3));
    (void)co_await find;
  };
  Run(story());
  const std::string group = "tg:green:cache:{" + std::string(30, '0') + "01}";
  const std::string entry = group + ":" + std::string(31, '0');
  EXPECT_EQ(server_.Keys(), (std::vector<std::string>{group, entry + "1", entry + "2", entry + "3"}));
  const auto lasts = [&](const std::string& key) { return std::stol(server_.Ask({"PTTL", key})); };
  EXPECT_GT(lasts(entry + "1"), 50'000);
  EXPECT_LE(lasts(entry + "1"), 100'000);
  EXPECT_GT(lasts(entry + "2"), 500'000);
  EXPECT_LE(lasts(entry + "2"), 1'000'000);
  EXPECT_GE(lasts(group), lasts(entry + "2") - 1'000) << "the edition goes before its entries";
  EXPECT_LE(lasts(group), 1'000'000);
}

TEST_F(RedisCacheStoreTest, TheReplyTellsTheTimeThatIsLeft) {
  Proxy& proxy = Add();
  CacheReply reply;
  const auto story = [&]() -> io::Task<void> {
    io::Task<void> put = Put(proxy, Key(1, 1), "value", kMinute);
    co_await put;
    io::Task<CacheReply> get = Get(proxy, Key(1, 1));
    reply = co_await get;
  };
  Run(story());
  EXPECT_EQ(reply.outcome, Outcome::kFound);
  EXPECT_GT(reply.left, milliseconds(0));
  EXPECT_LE(reply.left, kMinute);
}

TEST_F(RedisCacheStoreTest, AnEntryIsGoneWhenItsTimeIsOver) {
  Proxy& proxy = Add();
  std::string found = "value";
  const auto story = [&]() -> io::Task<void> {
    io::Task<void> put = Put(proxy, Key(1, 1), "value", milliseconds(50));
    co_await put;
    while (found == "value" && !loop_.stopping()) {
      io::Task<std::string> find = Find(proxy, Key(1, 1));
      found = co_await find;
    }
  };
  Run(story());
  EXPECT_EQ(found, "nothing");
}

TEST_F(RedisCacheStoreTest, InstallationsDoNotMix) {
  Proxy& blue = Add("blue");
  Proxy& green = Add("green");
  std::string found;
  const auto story = [&]() -> io::Task<void> {
    io::Task<void> put = Put(blue, Key(1, 1), "blue's");
    co_await put;
    io::Task<std::string> own = Find(blue, Key(1, 1));
    (void)co_await own;
    io::Task<std::string> find = Find(green, Key(1, 1));
    found = co_await find;
    blue.store.Forget(Digest(1), [] {});
    io::Task<std::string> again = Find(green, Key(1, 1));
    (void)co_await again;
  };
  Run(story());
  EXPECT_EQ(found, "nothing");
}

TEST_F(RedisCacheStoreTest, WhatIsForgottenIsFoundByNobody) {
  Proxy& one = Add();
  Proxy& two = Add();
  bool done = false;
  std::vector<std::string> found;
  const auto story = [&]() -> io::Task<void> {
    for (const uint8_t entry : {1, 2}) {
      io::Task<void> put = Put(one, Key(1, entry), "value");
      co_await put;
    }
    io::Task<void> other = Put(one, Key(2, 1), "of another group");
    co_await other;
    one.store.Forget(Digest(1), [&done] { done = true; });
    EXPECT_FALSE(done) << "told from inside Forget()";
    io::Task<void> forgotten = Until([&] { return done; });
    co_await forgotten;
    for (const CacheKey& key : {Key(1, 1), Key(1, 2), Key(2, 1)}) {
      io::Task<std::string> find = Find(two, key);
      found.push_back(co_await find);
    }
  };
  Run(story());
  EXPECT_EQ(found, (std::vector<std::string>{"nothing", "nothing", "of another group"}));
}

TEST_F(RedisCacheStoreTest, WhatIsPutUnderAnEndedEditionIsFoundByNobody) {
  Proxy& one = Add();
  Proxy& two = Add();
  std::string found;
  std::string found_later;
  const auto story = [&]() -> io::Task<void> {
    io::Task<CacheReply> get = Get(one, Key(1, 1));
    const CacheReply before = co_await get;
    bool done = false;
    two.store.Forget(Digest(1), [&done] { done = true; });
    io::Task<void> forgotten = Until([&] { return done; });
    co_await forgotten;
    one.store.Put(Key(1, 1), before.edition, "old", kMinute);
    io::Task<std::string> find = Find(one, Key(1, 1));
    found = co_await find;
    io::Task<std::string> later = Find(two, Key(1, 1));
    found_later = co_await later;
  };
  Run(story());
  EXPECT_EQ(found, "nothing");
  EXPECT_EQ(found_later, "nothing");
}

// An evicted edition takes its entries along, whether or not they are there still.
TEST_F(RedisCacheStoreTest, EntriesWithoutTheirEditionAreNothing) {
  Proxy& proxy = Add();
  std::string found;
  const auto story = [&]() -> io::Task<void> {
    io::Task<void> put = Put(proxy, Key(1, 1), "value");
    co_await put;
    io::Task<std::string> own = Find(proxy, Key(1, 1));
    (void)co_await own;
    EXPECT_EQ(server_.Ask({"DEL", server_.Keys("*}").front()}), "1");
    io::Task<std::string> find = Find(proxy, Key(1, 1));
    found = co_await find;
  };
  Run(story());
  EXPECT_EQ(found, "nothing");
}

TEST_F(RedisCacheStoreTest, WhatOthersWroteThereIsNothing) {
  Proxy& proxy = Add();
  std::vector<std::string> found;
  const auto story = [&]() -> io::Task<void> {
    for (const uint8_t group : {1, 2, 3, 4}) {
      io::Task<void> put = Put(proxy, Key(group, 1), "value");
      co_await put;
    }
    io::Task<std::string> own = Find(proxy, Key(4, 1));
    (void)co_await own;
    const std::vector<std::string> keys = server_.Keys();  // group, entry, group, entry, …
    server_.Ask({"PERSIST", keys[1]});
    server_.Ask({"SET", keys[3], "short", "KEEPTTL"});
    server_.Ask({"DEL", keys[4], keys[5]});
    server_.Ask({"LPUSH", keys[4], "a list"});
    server_.Ask({"SET", keys[6], "no edition"});
    for (const uint8_t group : {1, 2, 3, 4}) {
      io::Task<std::string> find = Find(proxy, Key(group, 1));
      found.push_back(co_await find);
    }
  };
  Run(story());
  EXPECT_EQ(found, (std::vector<std::string>(4, "nothing")));
}

// Its kernel has taken the command, and it runs it when it wakes.
TEST_F(RedisCacheStoreTest, AFrozenServerStoresNothingThatAgedMeanwhile) {
  Proxy& proxy = Add();
  const auto story = [&]() -> io::Task<void> {
    io::Task<void> first = Put(proxy, Key(1, 1), "value");
    co_await first;
    io::Task<CacheReply> get = Get(proxy, Key(1, 1));
    const CacheReply reply = co_await get;
    server_.Freeze();
    proxy.store.Put(Key(1, 2), reply.edition, "aged", milliseconds(100));
    const SteadyTime over = SteadyNow() + milliseconds(200);
    io::Task<void> aged = Until([&] { return SteadyNow() > over && proxy.node.node().open(); });
    co_await aged;
    server_.Thaw();
    io::Task<std::string> back = Find(proxy, Key(1, 1));
    EXPECT_EQ(co_await back, "value");
  };
  Run(story());
  EXPECT_EQ(server_.Keys("*2"), std::vector<std::string>());
}

TEST_F(RedisCacheStoreTest, AFrozenServerIsWaitedForNoLongerThanTheDeadline) {
  Proxy& proxy = Add("test", milliseconds(20));
  std::vector<Outcome> outcomes;
  const auto story = [&]() -> io::Task<void> {
    io::Task<std::string> found = Find(proxy, Key(1, 1));
    (void)co_await found;
    server_.Freeze();
    io::Task<CacheReply> late = GetOnce(proxy, Key(1, 1));
    outcomes.push_back((co_await late).outcome);
    // Its silence opens the circuit; then nobody waits at all.
    io::Task<void> tripped = Until([&] { return proxy.node.node().open(); });
    co_await tripped;
    io::Task<CacheReply> away = GetOnce(proxy, Key(1, 1));
    outcomes.push_back((co_await away).outcome);
    server_.Thaw();
    io::Task<CacheReply> back = Get(proxy, Key(1, 1));
    outcomes.push_back((co_await back).outcome);
  };
  Run(story());
  EXPECT_EQ(outcomes, (std::vector<Outcome>{Outcome::kLate, Outcome::kAway, Outcome::kNone}));
}

TEST_F(RedisCacheStoreTest, AServerThatIsSlowTooOftenIsLeftAlone) {
  Proxy& proxy = Add("test", milliseconds(20));
  std::string trouble;
  const auto story = [&]() -> io::Task<void> {
    io::Task<std::string> found = Find(proxy, Key(1, 1));
    (void)co_await found;
    // Slow, but never silent for long.
    io::Task<void> nap = Until([&] {
      (void)server_.Ask({"CLIENT", "PAUSE", "80", "ALL"});
      return true;
    });
    co_await nap;
    while (!proxy.node.node().open() && !loop_.stopping()) {
      io::Task<CacheReply> get = GetOnce(proxy, Key(1, 1));
      (void)co_await get;
      if (proxy.node.node().open()) break;
      (void)server_.Ask({"CLIENT", "PAUSE", "80", "ALL"});
    }
    trouble = proxy.node.node().trouble();
  };
  Run(story());
  EXPECT_EQ(trouble, "too many of its answers took longer than 20 ms");
}

TEST_F(RedisCacheStoreTest, WhatShouldBeForgottenInAnOutageIsForgottenAfterIt) {
  Proxy& one = Add();
  Proxy& two = Add();
  std::string found;
  bool done = false;
  const auto story = [&]() -> io::Task<void> {
    io::Task<void> put = Put(one, Key(1, 1), "value");
    co_await put;
    io::Task<std::string> own = Find(one, Key(1, 1));
    (void)co_await own;
    server_.Freeze();
    io::Task<void> tripped = Until([&] { return one.node.node().open(); });
    co_await tripped;
    one.store.Forget(Digest(1), [&done] { done = true; });
    EXPECT_EQ(one.store.owed(), 1u);
    server_.Thaw();
    io::Task<void> forgotten = Until([&] { return done; });
    co_await forgotten;
    io::Task<std::string> find = Find(two, Key(1, 1));
    found = co_await find;
  };
  Run(story());
  EXPECT_TRUE(done);
  EXPECT_EQ(found, "nothing");
  EXPECT_EQ(one.store.owed(), 0u);
}

TEST_F(RedisCacheStoreTest, WhatWasSentToBeForgottenAndNotConfirmedIsSentAgain) {
  Proxy& proxy = Add();
  bool done = false;
  const auto story = [&]() -> io::Task<void> {
    io::Task<std::string> found = Find(proxy, Key(1, 1));
    (void)co_await found;
    server_.Freeze();
    proxy.store.Forget(Digest(1), [&done] { done = true; });
    io::Task<void> lost = Until([&] { return proxy.store.owed() == 1; });
    co_await lost;
    server_.Thaw();
    io::Task<void> forgotten = Until([&] { return done; });
    co_await forgotten;
  };
  Run(story());
  EXPECT_TRUE(done);
}

TEST_F(RedisCacheStoreTest, TooManyToForgetLoseTheOldestAndAreCounted) {
  server_.Kill();
  Proxy& proxy = Add();
  for (size_t i = 0; i < RedisCacheStore::kMostOwed + 2; ++i) proxy.store.Forget(Digest(1), [] {});
  EXPECT_EQ(proxy.store.owed(), RedisCacheStore::kMostOwed);
  EXPECT_EQ(proxy.node.tally().unforgotten, 2u);
}

TEST_F(RedisCacheStoreTest, WhatIsTooMuchAtOnceIsDroppedAndCounted) {
  Proxy& proxy = Add();
  size_t sent = 0;
  const auto story = [&]() -> io::Task<void> {
    io::Task<CacheReply> get = Get(proxy, Key(1, 1));
    const CacheReply reply = co_await get;
    const std::string value(RedisCacheStore::kMostUnderWay / 4, 'x');
    for (; sent < 10; ++sent) {
      proxy.store.Put(Key(1, static_cast<uint8_t>(sent)), reply.edition, value, kMinute);
    }
    const CacheTally& tally = proxy.node.tally();
    io::Task<void> over = Until([&] { return tally.stored + tally.dropped == sent; });
    co_await over;
    proxy.store.Put(Key(1, 99), reply.edition, value, kMinute);
    io::Task<void> room = Until([&] { return tally.stored + tally.dropped == sent + 1; });
    co_await room;
  };
  Run(story());
  // Each is a little larger than a quarter: the edition stands behind it.
  EXPECT_EQ(proxy.node.tally().stored, 4u);
  EXPECT_EQ(proxy.node.tally().dropped, 7u);
}

TEST_F(RedisCacheStoreTest, AFullServerIsReadAndItsRefusalsAreCounted) {
  Proxy& proxy = Add();
  std::string found;
  const auto story = [&]() -> io::Task<void> {
    io::Task<void> put = Put(proxy, Key(1, 1), "value");
    co_await put;
    io::Task<std::string> own = Find(proxy, Key(1, 1));
    (void)co_await own;
    EXPECT_EQ(server_.Ask({"CONFIG", "SET", "maxmemory", "1"}), "OK");
    io::Task<void> refused = Put(proxy, Key(1, 2), "refused");
    co_await refused;
    io::Task<std::string> find = Find(proxy, Key(1, 1));
    found = co_await find;
  };
  Run(story());
  EXPECT_EQ(found, "value");
  EXPECT_EQ(proxy.node.tally().refused, 1u);
  EXPECT_FALSE(proxy.node.node().open());
}

TEST_F(RedisCacheStoreTest, AServerThatCannotForgetIsNotUsed) {
  ASSERT_EQ(server_.Ask({"REPLICAOF", "127.0.0.1", "1"}), "OK");
  const CacheNode node({AddressOf(server_), "test", seconds(10)});
  node.node().AwaitFirstVerdict(seconds(10));
  EXPECT_TRUE(node.node().open());
  EXPECT_THAT(node.node().trouble(), StartsWith("it refuses DEL: READONLY"));
}

TEST_F(RedisCacheStoreTest, AUserWithoutTheRightToReadOpensTheCircuit) {
  Proxy& proxy = Add();
  std::string trouble;
  const auto story = [&]() -> io::Task<void> {
    io::Task<std::string> found = Find(proxy, Key(1, 1));
    (void)co_await found;
    EXPECT_EQ(server_.Ask({"ACL", "SETUSER", "default", "-mget"}), "OK");
    io::Task<CacheReply> get = GetOnce(proxy, Key(1, 1));
    EXPECT_EQ((co_await get).outcome, Outcome::kAway);
    trouble = proxy.node.node().trouble();
  };
  Run(story());
  EXPECT_THAT(trouble, HasSubstr("it refuses to be read: NOPERM"));
}

}  // namespace
}  // namespace tollgate::store
