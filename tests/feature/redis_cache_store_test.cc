// The shared cache's store over a real redis-server: what is found and for how long, and what is forgotten.
#include "proxy/store/redis/redis_cache_store.h"

#include <gmock/gmock.h>

#include "tests/feature/redis_cache_fixture.h"

namespace tollgate::store {
namespace {

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

}  // namespace
}  // namespace tollgate::store
