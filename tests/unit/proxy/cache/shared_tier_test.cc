#include "proxy/cache/shared_tier.h"

#include <gtest/gtest.h>

#include "proxy/cache/cache_status.h"
#include "tests/kit/run_task.h"
#include "tests/unit/proxy/cache/cache_kit.h"
#include "tests/unit/proxy/cache/fake_cache_store.h"

namespace tollgate::cache {
namespace {

using Kind = Lookup::Kind;
using Outcome = store::CacheReply::Outcome;
using std::chrono::seconds;

// A proxy's cache over a store that others use too: the pipeline's part.
class Proxy final : private WallClock {
 public:
  explicit Proxy(FakeCacheStore& store, ResponseCache::Options options = {})
      : gateway(options), tier(store, gateway.cache, *this) {}

  // The look-up under way, which the store may hold back.
  struct Asking {
    Asking(Proxy& proxy, Request& request_in)
        : request(request_in.get()), lookup(proxy.gateway.Ask(request_in)) {
      if (lookup.missed()) found.emplace(Both(proxy.tier, *this));
    }
    static io::Task<bool> Both(SharedTier& tier, Asking& self) {
      io::Task<void> find = tier.Find(self.request, self.lookup);
      co_await find;
      co_return true;
    }
    CacheRequest request;
    Lookup lookup;
    std::optional<kit::Started<bool>> found;
  };

  Lookup Ask(Request& request) {
    Asking asking(*this, request);
    EXPECT_TRUE(!asking.found || asking.found->done());
    return asking.lookup;
  }
  bool AskAndAnswer(Request& request, const Reply& reply) {
    return gateway.Answer(request, Ask(request), reply);
  }
  void Changed(Request& request, std::string_view method = "PUT", int status = 204) {
    tier.AnswerSeen(method, request.host, request.path, status);
  }

  Gateway gateway;
  SharedTier tier;

 private:
  WallMicros Now() const override { return gateway.now; }
};

class SharedTierTest : public testing::Test {
 protected:
  // What a fresh look-up of a proxy finds: its body, or "".
  static std::string Body(Proxy& proxy, Request& request) {
    const Lookup lookup = proxy.Ask(request);
    return lookup.kind == Kind::kHit ? lookup.response->body : "";
  }
  void Pass(seconds time) {
    store_.Pass(time);
    for (Proxy* proxy : {&one_, &two_}) proxy->gateway.now += time.count() * kSecond;
  }

  Rule rule_;
  FakeCacheStore store_;
  Proxy one_{store_};
  Proxy two_{store_};
};

TEST_F(SharedTierTest, WhatOneProxyStoredIsAHitOnTheOther) {
  Request request(rule_);
  ASSERT_TRUE(one_.AskAndAnswer(request, {.headers = {{"X-Kept", "yes"}}, .body = "41.5", .status = 404}));
  const Lookup lookup = two_.Ask(request);
  ASSERT_EQ(lookup.kind, Kind::kHit);
  EXPECT_EQ(lookup.shared_result, SharedResult::kHit);
  EXPECT_EQ(lookup.response->body, "41.5");
  EXPECT_EQ(lookup.response->status, 404);
  EXPECT_EQ(lookup.response->fields.back().value, "yes");
}

TEST_F(SharedTierTest, AHitFillsMemory) {
  Request request(rule_);
  ASSERT_TRUE(one_.AskAndAnswer(request, {}));
  ASSERT_EQ(two_.Ask(request).kind, Kind::kHit);
  store_.FailWith(Outcome::kAway);
  const Lookup lookup = two_.Ask(request);
  EXPECT_EQ(lookup.kind, Kind::kHit);
  EXPECT_EQ(lookup.shared_result, SharedResult::kNotAsked);
}

TEST_F(SharedTierTest, AHitInMemoryAsksNobody) {
  Request request(rule_);
  ASSERT_TRUE(one_.AskAndAnswer(request, {}));
  const size_t before = store_.gets();
  EXPECT_EQ(one_.Ask(request).kind, Kind::kHit);
  EXPECT_EQ(store_.gets(), before);
}

TEST_F(SharedTierTest, CacheStatusTellsTheTier) {
  Request request(rule_);
  exchange::Arena arena;
  ASSERT_TRUE(one_.AskAndAnswer(request, {}));
  EXPECT_EQ(CacheStatus(two_.Ask(request), false, arena), "tollgate; hit; ttl=60; detail=shared");
  EXPECT_EQ(CacheStatus(two_.Ask(request), false, arena), "tollgate; hit; ttl=60");
}

TEST_F(SharedTierTest, TheAgeGoesOnFromProxyToProxy) {
  Request request(rule_);
  ASSERT_TRUE(one_.AskAndAnswer(request, {.headers = {{"Age", "5"}}}));
  Pass(seconds(10));
  const Lookup first = two_.Ask(request);
  EXPECT_EQ(first.age_seconds, 15);
  EXPECT_EQ(first.ttl_seconds, 45);
  Pass(seconds(20));
  EXPECT_EQ(two_.Ask(request).age_seconds, 35);
}

TEST_F(SharedTierTest, TheTimeToLiveIsTheEntrysOwnInBothTiers) {
  Request request(rule_);
  ASSERT_TRUE(one_.AskAndAnswer(request, {.headers = {{"Cache-Control", "max-age=30"}}}));
  Pass(seconds(25));
  ASSERT_EQ(two_.Ask(request).kind, Kind::kHit);
  Pass(seconds(4));
  EXPECT_EQ(two_.Ask(request).kind, Kind::kHit);
  Pass(seconds(1));
  EXPECT_EQ(two_.Ask(request).kind, Kind::kMiss);
  EXPECT_EQ(one_.Ask(request).kind, Kind::kMiss);
}

TEST_F(SharedTierTest, TheClocksOfTheProxiesMayDiffer) {
  for (const seconds apart : {seconds(3600), seconds(-3600)}) {
    Request request(rule_, {}, "/" + std::to_string(apart.count()));
    two_.gateway.now = one_.gateway.now + apart.count() * kSecond;
    ASSERT_TRUE(one_.AskAndAnswer(request, {}));
    Pass(seconds(50));
    EXPECT_EQ(two_.Ask(request).age_seconds, 50);
    Pass(seconds(10));
    EXPECT_EQ(two_.Ask(request).kind, Kind::kMiss);
  }
}

TEST_F(SharedTierTest, QueriesNeverMix) {
  Request one(rule_);
  Request two(rule_);
  Request none(rule_);
  one.has_query = two.has_query = true;
  one.query = "x=1";
  two.query = "x=2";
  ASSERT_TRUE(one_.AskAndAnswer(one, {.body = "one"}));
  EXPECT_EQ(Body(two_, two), "");
  EXPECT_EQ(Body(two_, none), "");
  ASSERT_TRUE(one_.AskAndAnswer(two, {.body = "two"}));
  EXPECT_EQ(Body(two_, one), "one");
  EXPECT_EQ(Body(two_, two), "two");
}

TEST_F(SharedTierTest, ConsumersNeverMix) {
  rule_.Scope(api::Cache::CONSUMER);
  Rule other;
  other.Scope(api::Cache::CONSUMER);
  other.consumer.set_id("market/bob");
  Request ada(rule_);
  Request bob(other);
  ASSERT_TRUE(one_.AskAndAnswer(ada, {.body = "ada's"}));
  EXPECT_EQ(Body(two_, bob), "");
  EXPECT_EQ(Body(two_, ada), "ada's");
}

TEST_F(SharedTierTest, HostsNeverMix) {
  Request here(rule_);
  Request there(rule_);
  there.host = "other.example.com";
  ASSERT_TRUE(one_.AskAndAnswer(here, {.body = "here"}));
  EXPECT_EQ(Body(two_, there), "");
}

TEST_F(SharedTierTest, WhatBearsTheSameDigestDoesNotMix) {
  store_.Collide();
  Request one(rule_);
  Request two(rule_);
  two.has_query = true;
  two.query = "x=2";
  ASSERT_TRUE(one_.AskAndAnswer(one, {.body = "one"}));
  const Lookup lookup = two_.Ask(two);
  EXPECT_EQ(lookup.kind, Kind::kMiss);
  EXPECT_EQ(lookup.shared_result, SharedResult::kMiss);
}

TEST_F(SharedTierTest, AHeadIsAnsweredFromAStoredGet) {
  Request get(rule_);
  Request head(rule_);
  ASSERT_TRUE(one_.AskAndAnswer(get, {}));
  EXPECT_EQ(two_.Ask(head.Method("HEAD")).kind, Kind::kHit);
}

TEST_F(SharedTierTest, OnlyIfCachedIsAnsweredFromTheSharedTier) {
  Request plain(rule_);
  Request only(rule_, {{"Cache-Control", "only-if-cached"}});
  EXPECT_EQ(two_.Ask(only).kind, Kind::kOnlyIfCached);
  ASSERT_TRUE(one_.AskAndAnswer(plain, {}));
  EXPECT_EQ(two_.Ask(only).kind, Kind::kHit);
}

TEST_F(SharedTierTest, NoCacheIsNotAnsweredButRefreshesForAll) {
  Request plain(rule_);
  Request reload(rule_, {{"Cache-Control", "no-cache"}});
  ASSERT_TRUE(one_.AskAndAnswer(plain, {.body = "old"}));
  EXPECT_EQ(two_.Ask(reload).kind, Kind::kMiss);
  ASSERT_TRUE(two_.AskAndAnswer(reload, {.body = "new"}));
  Proxy three(store_);
  EXPECT_EQ(Body(three, plain), "new");
}

TEST_F(SharedTierTest, AnAnswerThatIsTooOldForTheRequestIsAMiss) {
  Request plain(rule_);
  Request young(rule_, {{"Cache-Control", "max-age=5"}});
  ASSERT_TRUE(one_.AskAndAnswer(plain, {}));
  Pass(seconds(10));
  const Lookup lookup = two_.Ask(young);
  EXPECT_EQ(lookup.kind, Kind::kMiss);
  EXPECT_EQ(lookup.forward, Forward::kRequest);
}

TEST_F(SharedTierTest, ARequestThatWantsNothingStoredLeavesNothingBehind) {
  Request plain(rule_);
  Request secret(rule_, {{"Cache-Control", "no-store"}});
  EXPECT_FALSE(one_.AskAndAnswer(secret, {}));
  EXPECT_EQ(store_.size(), 0u);
  ASSERT_TRUE(one_.AskAndAnswer(plain, {}));
  EXPECT_EQ(two_.Ask(secret).kind, Kind::kHit);
  EXPECT_EQ(two_.gateway.cache.entries(), 0u);
}

TEST_F(SharedTierTest, AStoreThatIsAwayIsAMiss) {
  store_.FailWith(Outcome::kAway);
  Request request(rule_);
  const Lookup lookup = one_.Ask(request);
  EXPECT_EQ(lookup.kind, Kind::kMiss);
  EXPECT_EQ(lookup.shared_result, SharedResult::kDown);
  EXPECT_TRUE(one_.gateway.Answer(request, lookup, {})) << "memory goes on";
  EXPECT_EQ(store_.size(), 0u) << "of no edition";
  store_.Recover();
  EXPECT_EQ(two_.Ask(request).kind, Kind::kMiss);
}

TEST_F(SharedTierTest, AStoreThatIsLateIsAMiss) {
  Request request(rule_);
  ASSERT_TRUE(one_.AskAndAnswer(request, {}));
  store_.FailWith(Outcome::kLate);
  const Lookup lookup = two_.Ask(request);
  EXPECT_EQ(lookup.kind, Kind::kMiss);
  EXPECT_EQ(lookup.shared_result, SharedResult::kLate);
}

TEST_F(SharedTierTest, ADamagedValueIsAMissAndIsReplaced) {
  Request request(rule_);
  ASSERT_TRUE(one_.AskAndAnswer(request, {.body = "old"}));
  store_.Damage();
  const Lookup lookup = two_.Ask(request);
  EXPECT_EQ(lookup.kind, Kind::kMiss);
  EXPECT_EQ(lookup.shared_result, SharedResult::kDamaged);
  ASSERT_TRUE(two_.gateway.Answer(request, lookup, {.body = "new"}));
  Proxy three(store_);
  EXPECT_EQ(Body(three, request), "new");
}

TEST_F(SharedTierTest, WhatAgedWhileItCameIsNotShared) {
  Request request(rule_);
  const Lookup lookup = one_.Ask(request);
  const HeadOf head(Reply{});
  ResponseCache& cache = one_.gateway.cache;
  std::optional<Recording> recording = cache.Record(
      request.get(), lookup, head.head, {http::Framing::Kind::kChunked}, one_.gateway.now, one_.gateway.now);
  ASSERT_TRUE(recording);
  Pass(seconds(60));
  recording->Commit();
  EXPECT_EQ(store_.size(), 0u);
}

TEST_F(SharedTierTest, WhatMemoryCannotHoldIsSharedAllTheSame) {
  Proxy small(store_, {.capacity_bytes = 100});
  Request request(rule_);
  EXPECT_FALSE(small.AskAndAnswer(request, {.body = "41.5"}));
  EXPECT_EQ(Body(small, request), "41.5");
  EXPECT_EQ(small.gateway.cache.entries(), 0u);
}

class VaryingTest : public SharedTierTest {
 protected:
  std::unique_ptr<Request> In(const std::string& language) {
    return std::make_unique<Request>(rule_, Headers{{"Accept-Language", language}});
  }
  bool Store(const std::string& language, const std::string& body,
             const std::string& cache_control = "max-age=60", const std::string& vary = "Accept-Language") {
    Headers headers{{"Cache-Control", cache_control}};
    if (!vary.empty()) headers.emplace_back("Vary", vary);
    return one_.AskAndAnswer(*In(language), {.headers = headers, .body = body});
  }
  // By a proxy that has nothing in memory.
  std::string Read(const std::string& language) {
    Proxy fresh(store_);
    return Body(fresh, *In(language));
  }
};

TEST_F(VaryingTest, EachVariantHasItsAnswer) {
  ASSERT_TRUE(Store("en", "hello"));
  ASSERT_TRUE(Store("fr", "bonjour"));
  EXPECT_EQ(Read("en"), "hello");
  EXPECT_EQ(Read("fr"), "bonjour");
}

TEST_F(VaryingTest, AVariantThatIsNotThereIsAMissOfTheVariant) {
  ASSERT_TRUE(Store("en", "hello"));
  const Lookup lookup = two_.Ask(*In("de"));
  EXPECT_EQ(lookup.kind, Kind::kMiss);
  EXPECT_EQ(lookup.forward, Forward::kVaryMiss);
}

TEST_F(VaryingTest, AnAnswerWithoutVaryStandsForAll) {
  ASSERT_TRUE(Store("en", "hello"));
  ASSERT_TRUE(Store("fr", "for all", "max-age=60", ""));
  EXPECT_EQ(Read("en"), "for all");
  EXPECT_EQ(Read("de"), "for all");
}

TEST_F(VaryingTest, AnAnswerThatBeginsToVaryReplacesTheOneThatDidNot) {
  ASSERT_TRUE(Store("en", "for all", "max-age=60", ""));
  one_.gateway.cache.Outdate("api.example.com", "/v1/quotes");
  Request reload(rule_, {{"Accept-Language", "en"}, {"Cache-Control", "no-cache"}});
  ASSERT_TRUE(one_.AskAndAnswer(reload, {.headers = {{"Vary", "Accept-Language"}}, .body = "hello"}));
  EXPECT_EQ(Read("de"), "");
  EXPECT_EQ(Read("en"), "hello");
}

TEST_F(VaryingTest, AVariantWithAShortLifeDoesNotHideTheOthers) {
  ASSERT_TRUE(Store("en", "hello", "max-age=60"));
  ASSERT_TRUE(Store("fr", "bonjour", "max-age=5"));
  Pass(seconds(10));
  EXPECT_EQ(Read("fr"), "");
  EXPECT_EQ(Read("en"), "hello");
}

TEST_F(VaryingTest, AVariantWithALongLifeIsFoundToItsEnd) {
  ASSERT_TRUE(Store("fr", "bonjour", "max-age=5"));
  ASSERT_TRUE(Store("en", "hello", "max-age=60"));
  Pass(seconds(50));
  EXPECT_EQ(Read("en"), "hello");
}

TEST_F(VaryingTest, AnAnswerThatVariesByOtherNamesReplacesThem) {
  ASSERT_TRUE(Store("en", "hello"));
  ASSERT_TRUE(Store("fr", "by charset", "max-age=5", "Accept-Charset"));
  EXPECT_EQ(Read("fr"), "by charset");
  EXPECT_EQ(Read("en"), "by charset");
}

TEST_F(VaryingTest, AVariantThatBearsAnothersNameIsNotTaken) {
  ASSERT_TRUE(Store("en", "hello, and more than the names need"));
  ASSERT_TRUE(Store("fr", "bonjour, and more than the names need"));
  store_.SwapLargest();
  EXPECT_EQ(Read("en"), "");
  EXPECT_EQ(Read("fr"), "");
}

TEST_F(SharedTierTest, UnsafeMethodsForgetForAllProxies) {
  for (const char* method : {"PUT", "POST", "DELETE", "PATCH", "MKCOL"}) {
    Request request(rule_);
    ASSERT_TRUE(one_.AskAndAnswer(request, {})) << method;
    one_.Changed(request, method);
    EXPECT_EQ(one_.Ask(request).kind, Kind::kMiss) << method;
    EXPECT_EQ(two_.Ask(request).kind, Kind::kMiss) << method;
  }
}

TEST_F(SharedTierTest, ForgettingReachesEveryQueryAndVariant) {
  Request page(rule_);
  page.has_query = true;
  page.query = "page=2";
  Request english(rule_, {{"X-N", "1"}});
  ASSERT_TRUE(one_.AskAndAnswer(page, {}));
  ASSERT_TRUE(one_.AskAndAnswer(english, {.headers = {{"Vary", "X-N"}}}));
  one_.Changed(page);
  EXPECT_EQ(two_.Ask(page).kind, Kind::kMiss);
  EXPECT_EQ(two_.Ask(english).kind, Kind::kMiss);
}

TEST_F(SharedTierTest, SafeMethodsAndErrorsForgetNothing) {
  Request request(rule_);
  ASSERT_TRUE(one_.AskAndAnswer(request, {}));
  one_.Changed(request, "GET", 200);
  one_.Changed(request, "PUT", 409);
  EXPECT_EQ(two_.Ask(request).kind, Kind::kHit);
}

TEST_F(SharedTierTest, OtherTargetsAreNotForgotten) {
  Request request(rule_);
  Request other(rule_, {}, "/v1/other");
  ASSERT_TRUE(one_.AskAndAnswer(request, {}));
  one_.Changed(other);
  EXPECT_EQ(two_.Ask(request).kind, Kind::kHit);
}

// It was made before the change, wherever it was asked for and wherever the change was made.
TEST_F(SharedTierTest, AnAnswerThatWasAskedForBeforeAChangeIsNotSharedAfterIt) {
  Request request(rule_);
  const Lookup before = one_.Ask(request);
  two_.Changed(request);
  EXPECT_TRUE(one_.gateway.Answer(request, before, {.body = "old"})) << "memory of another proxy cannot know";
  Proxy three(store_);
  EXPECT_EQ(three.Ask(request).kind, Kind::kMiss);
}

TEST_F(SharedTierTest, WhatWasReadBeforeAChangeIsNotUsedAfterIt) {
  Request request(rule_);
  ASSERT_TRUE(one_.AskAndAnswer(request, {.body = "old"}));
  store_.Hold();
  Proxy::Asking asking(two_, request);
  two_.Changed(request);
  store_.Release();
  ASSERT_TRUE(asking.found->done());
  EXPECT_EQ(asking.lookup.kind, Kind::kMiss);
  EXPECT_EQ(two_.gateway.cache.entries(), 0u);
}

TEST_F(SharedTierTest, UntilTheStoreHasForgottenItIsNotAsked) {
  Request request(rule_);
  ASSERT_TRUE(one_.AskAndAnswer(request, {.body = "old"}));
  store_.Delay();
  one_.Changed(request);
  EXPECT_EQ(one_.Ask(request).kind, Kind::kMiss);
  EXPECT_EQ(one_.Ask(request).place, nullptr);
  store_.Confirm();
  EXPECT_EQ(one_.Ask(request).kind, Kind::kMiss);
  EXPECT_NE(one_.Ask(request).place, nullptr);
}

TEST_F(SharedTierTest, ARuleWithoutCacheAsksNobody) {
  rule_.spec.clear_cache();
  Request request(rule_);
  EXPECT_FALSE(one_.Ask(request).missed());
  EXPECT_EQ(store_.gets(), 0u);
}

TEST_F(SharedTierTest, WhatCannotBeServedFromAWholeAsksNobody) {
  Request range(rule_, {{"Range", "bytes=0-1"}});
  Request post(rule_);
  EXPECT_FALSE(one_.Ask(range).missed());
  EXPECT_FALSE(one_.Ask(post.Method("POST")).missed());
  EXPECT_EQ(store_.gets(), 0u);
}

}  // namespace
}  // namespace tollgate::cache
