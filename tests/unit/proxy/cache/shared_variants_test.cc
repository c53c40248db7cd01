// Answers that vary, in the shared tier.
#include <gtest/gtest.h>

#include "proxy/cache/shared_tier.h"
#include "tests/unit/proxy/cache/shared_tier_fixture.h"

namespace tollgate::cache {
namespace {

using Kind = Lookup::Kind;

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

// Who waits for both waits no longer than who waits for one.
TEST_F(VaryingTest, BothQuestionsHaveOneDeadline) {
  ASSERT_TRUE(Store("en", "hello"));
  const size_t before = store_.gets();
  EXPECT_EQ(Read("en"), "hello");
  ASSERT_EQ(store_.gets(), before + 2);
  EXPECT_EQ(store_.since()[before], store_.since()[before + 1]);
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

}  // namespace
}  // namespace tollgate::cache
