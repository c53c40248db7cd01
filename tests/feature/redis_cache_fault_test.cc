// What comes of a redis-server that is frozen, slow, full or read-only, and of what it was to forget then.
#include <gmock/gmock.h>

#include "proxy/store/redis/redis_cache_store.h"
#include "tests/feature/redis_cache_fixture.h"

namespace tollgate::store {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

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

// The second question of a look-up has what the first left of its time.
TEST_F(RedisCacheStoreTest, WhoHasWaitedForTheWholeDeadlineWaitsNoMore) {
  Proxy& proxy = Add("test", seconds(10));
  Outcome outcome = Outcome::kNone;
  const auto story = [&]() -> io::Task<void> {
    io::Task<std::string> found = Find(proxy, Key(1, 1));
    (void)co_await found;
    io::Task<CacheReply> get = GetOnce(proxy, Key(1, 1), SteadyNow() - seconds(10));
    outcome = (co_await get).outcome;
  };
  Run(story());
  EXPECT_EQ(outcome, Outcome::kLate);
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
  EXPECT_EQ(trouble, "too many of its answers took longer than 10 ms");
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
