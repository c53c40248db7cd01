#include "proxy/cache/freshness.h"

#include <gtest/gtest.h>

#include "proxy/http/head_writer.h"
#include "tests/unit/proxy/cache/cache_kit.h"

namespace tollgate::cache {
namespace {

std::string DateAt(int64_t seconds_from_now) {
  return http::FormatHttpDate(kNow / kSecond + seconds_from_now);
}

Freshness Of(const Headers& headers, Times times = {kNow, kNow}) {
  Rule rule;
  http::Fields fields;
  Fill(headers, fields);
  return FreshnessOf(fields, ResponseDirectives::Read(fields), rule.settings(), times);
}

int64_t LifetimeSeconds(const Headers& headers) { return Of(headers).lifetime / kSecond; }

TEST(Freshness, SMaxAgeBeatsMaxAgeBeatsExpiresBeatsTheRulesTtl) {
  Headers headers = {{"Date", DateAt(0)}};
  EXPECT_EQ(LifetimeSeconds(headers), 60);
  headers.emplace_back("Expires", DateAt(30));
  EXPECT_EQ(LifetimeSeconds(headers), 30);
  headers.emplace_back("Cache-Control", "max-age=20");
  EXPECT_EQ(LifetimeSeconds(headers), 20);
  headers.emplace_back("Cache-Control", "s-maxage=10");
  EXPECT_EQ(LifetimeSeconds(headers), 10);
}

TEST(Freshness, NoHeuristicFollowsLastModified) {
  Rule rule;
  rule.cache().set_ttl_ms(0);
  http::Fields fields;
  Fill({{"Last-Modified", DateAt(-1'000'000)}}, fields);
  EXPECT_EQ(FreshnessOf(fields, ResponseDirectives::Read(fields), rule.settings(), {kNow, kNow}).lifetime, 0);
}

TEST(Freshness, ExpiresCountsFromTheAnswersOwnDate) {
  EXPECT_EQ(LifetimeSeconds({{"Date", DateAt(-100)}, {"Expires", DateAt(20)}}), 120);
  EXPECT_EQ(LifetimeSeconds({{"Expires", DateAt(20)}}), 20);
}

TEST(Freshness, InvalidExpiresIsInThePast) {
  for (const char* text : {"0", "-1", "", "tomorrow", "Sun, 06 Nov 1994"}) {
    EXPECT_EQ(LifetimeSeconds({{"Expires", text}}), 0) << text;
  }
  EXPECT_EQ(LifetimeSeconds({{"Expires", DateAt(20)}, {"Expires", DateAt(30)}}), 0);
  EXPECT_EQ(LifetimeSeconds({{"Expires", DateAt(20)}, {"Expires", DateAt(20)}}), 20);
}

TEST(Freshness, ReadsTheObsoleteDateForms) {
  // RFC 9110, section 5.6.7: three forms of one time.
  EXPECT_EQ(LifetimeSeconds({{"Date", "Sun, 06 Nov 1994 08:49:07 GMT"}, {"Expires", std::string(kNowText)}}),
            30);
  EXPECT_EQ(LifetimeSeconds({{"Date", DateAt(-30)}, {"Expires", "Sunday, 06-Nov-94 08:49:37 GMT"}}), 30);
  EXPECT_EQ(LifetimeSeconds({{"Date", DateAt(-30)}, {"Expires", "Sun Nov  6 08:49:37 1994"}}), 30);
}

// RFC 9111, section 4.2.3: each of the two ways to know the age, and the larger counts.
TEST(Freshness, InitialAgeIsTheLargerOfApparentAndCorrectedAge) {
  const Times times{kNow - 2 * kSecond, kNow};
  EXPECT_EQ(Of({{"Date", DateAt(0)}}, times).initial_age, 2 * kSecond);
  EXPECT_EQ(Of({{"Date", DateAt(-7)}}, times).initial_age, 7 * kSecond);
  EXPECT_EQ(Of({{"Date", DateAt(-7)}, {"Age", "30"}}, times).initial_age, 32 * kSecond);
  EXPECT_EQ(Of({{"Date", DateAt(-70)}, {"Age", "30"}}, times).initial_age, 70 * kSecond);
}

TEST(Freshness, DateInTheFutureAddsNoAge) { EXPECT_EQ(Of({{"Date", DateAt(500)}}).initial_age, 0); }

TEST(Freshness, AgeTakesTheFirstMemberAndIgnoresWhatIsNoNumber) {
  EXPECT_EQ(Of({{"Age", "5, 9"}}).initial_age, 5 * kSecond);
  EXPECT_EQ(Of({{"Age", "-5"}}).initial_age, 0);
  EXPECT_EQ(Of({{"Age", "five"}}).initial_age, 0);
}

TEST(Freshness, AgeGrowsWithTheTimeInTheCache) {
  const Freshness freshness = Of({{"Age", "10"}});
  EXPECT_EQ(CurrentAge(freshness, kNow + 25 * kSecond), 35 * kSecond);
}

TEST(Freshness, ClockThatIsSetBackMakesNothingYounger) {
  const Freshness freshness = Of({{"Age", "10"}});
  EXPECT_EQ(CurrentAge(freshness, kNow - 3600 * kSecond), 10 * kSecond);
}

TEST(Freshness, HugeNumbersStayInRange) {
  const Freshness freshness = Of({{"Age", "99999999999999"}, {"Cache-Control", "max-age=99999999999999"}});
  EXPECT_GT(freshness.initial_age, 0);
  EXPECT_GT(freshness.lifetime, 0);
}

Use Judge(const std::string& said, const std::string& asked, int64_t after) {
  http::Fields request;
  const Headers headers = {{"Cache-Control", asked}};
  Fill(headers, request);
  return MayUse(Of({{"Cache-Control", said}}), RequestDirectives::Read(request), kNow + after * kSecond);
}

TEST(Freshness, EndsWhenAgeReachesTheLifetime) {
  EXPECT_EQ(Judge("max-age=10", "", 9), Use::kAllowed);
  EXPECT_EQ(Judge("max-age=10", "", 10), Use::kStale);
}

TEST(Freshness, RequestsMaxAgeBoundsTheAge) {
  EXPECT_EQ(Judge("max-age=10", "max-age=5", 5), Use::kAllowed);
  EXPECT_EQ(Judge("max-age=10", "max-age=5", 6), Use::kNotAccepted);
  EXPECT_EQ(Judge("max-age=10", "max-age=x", 1), Use::kNotAccepted);
}

TEST(Freshness, MinFreshAsksForTimeLeft) {
  EXPECT_EQ(Judge("max-age=10", "min-fresh=4", 6), Use::kAllowed);
  EXPECT_EQ(Judge("max-age=10", "min-fresh=4", 7), Use::kNotAccepted);
}

TEST(Freshness, MaxStaleTakesWhatHasEnded) {
  EXPECT_EQ(Judge("max-age=10", "max-stale=5", 15), Use::kAllowed);
  EXPECT_EQ(Judge("max-age=10", "max-stale=5", 16), Use::kStale);
  EXPECT_EQ(Judge("max-age=10", "max-stale", 1000), Use::kAllowed);
}

TEST(Freshness, MaxStaleDoesNotBeatTheOriginsWord) {
  for (const char* said : {"max-age=10, must-revalidate", "max-age=10, proxy-revalidate", "s-maxage=10"}) {
    EXPECT_EQ(Judge(said, "max-stale", 11), Use::kStale) << said;
  }
}

}  // namespace
}  // namespace tollgate::cache
