#include "proxy/cache/cache_status.h"

#include <gtest/gtest.h>

#include "tests/unit/proxy/cache/cache_kit.h"

namespace tollgate::cache {
namespace {

class CacheStatusTest : public testing::Test {
 protected:
  std::string Status(Request& request, bool stored = false) {
    return std::string(CacheStatus(gateway_.Ask(request), stored, arena_));
  }
  Rule rule_;
  Gateway gateway_;
  exchange::Arena arena_;
};

TEST_F(CacheStatusTest, SaysWhyARequestWentUpstream) {
  Request request(rule_);
  EXPECT_EQ(Status(request), "tollgate; fwd=uri-miss");
  EXPECT_EQ(Status(request, true), "tollgate; fwd=uri-miss; stored");
  Request post(rule_);
  EXPECT_EQ(Status(post.Method("POST")), "tollgate; fwd=method");
  Request range(rule_, {{"Range", "bytes=0-1"}});
  EXPECT_EQ(Status(range), "tollgate; fwd=bypass");
  Request reload(rule_, {{"Cache-Control", "no-cache"}});
  EXPECT_EQ(Status(reload), "tollgate; fwd=request");
}

TEST_F(CacheStatusTest, HitCountsTheTimeLeft) {
  Request request(rule_);
  ASSERT_TRUE(gateway_.AskAndAnswer(request, {.headers = {{"Cache-Control", "max-age=30"}}}));
  gateway_.now += 10 * kSecond;
  EXPECT_EQ(Status(request), "tollgate; hit; ttl=20");
  gateway_.now += 25 * kSecond;
  Request lenient(rule_, {{"Cache-Control", "max-stale"}});
  EXPECT_EQ(Status(lenient), "tollgate; hit; ttl=-5");
  EXPECT_EQ(Status(request), "tollgate; fwd=stale");
  EXPECT_EQ(Status(request), "tollgate; fwd=uri-miss");
}

TEST_F(CacheStatusTest, MissOfAVariantIsNoMissOfTheTarget) {
  Request english(rule_, {{"Accept-Language", "en"}});
  ASSERT_TRUE(gateway_.AskAndAnswer(english, {.headers = {{"Vary", "Accept-Language"}}}));
  Request french(rule_, {{"Accept-Language", "fr"}});
  EXPECT_EQ(Status(french), "tollgate; fwd=vary-miss");
}

TEST_F(CacheStatusTest, OnlyIfCachedIsNotForwarded) {
  Request request(rule_, {{"Cache-Control", "only-if-cached"}});
  EXPECT_EQ(Status(request), "tollgate; detail=only-if-cached");
}

TEST_F(CacheStatusTest, IsSilentWhereTheRuleHasNoCache) {
  rule_.spec.clear_cache();
  Request request(rule_);
  EXPECT_EQ(Status(request), "");
}

}  // namespace
}  // namespace tollgate::cache
