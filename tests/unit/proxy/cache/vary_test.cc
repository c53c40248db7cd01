#include "proxy/cache/vary.h"

#include <gtest/gtest.h>

#include "tests/unit/proxy/cache/cache_kit.h"

namespace tollgate::cache {
namespace {

class VaryTest : public testing::Test {
 protected:
  std::optional<std::vector<VaryValue>> Values(const Headers& asked, const std::string& vary) {
    Request request(rule_, asked);
    const HeadOf head(Reply{.headers = {{"Vary", vary}}});
    return SelectingValues(request.get(), head.head.fields);
  }
  bool Fits(const Headers& stored, const std::string& vary, const Headers& asked) {
    Request request(rule_, asked);
    return Selects(request.get(), Values(stored, vary).value());
  }
  Rule rule_;
};

TEST_F(VaryTest, StarIsNotStorable) {
  EXPECT_FALSE(Values({}, "*"));
  EXPECT_FALSE(Values({}, "Accept, *"));
}

TEST_F(VaryTest, FieldsThatTheGatewayWritesForEachRequestAreNotEither) {
  for (const char* name : {"X-Request-Id", "X-Forwarded-For", "Forwarded", "Via", "Traceparent"}) {
    EXPECT_FALSE(Values({}, name)) << name;
  }
}

// An upstream behind CGI or WSGI has answered by what it read from it.
TEST_F(VaryTest, FieldThatHadALookAlikeIsNotEither) {
  EXPECT_FALSE(Values({{"Accept_Encoding", "br"}}, "Accept-Encoding"));
  EXPECT_FALSE(Values({{"Accept-Encoding", "br"}, {"accept_encoding", "gzip"}}, "Accept-Encoding"));
  EXPECT_TRUE(Values({{"X_Other", "br"}}, "Accept-Encoding"));
  EXPECT_TRUE(Values({{"Accept_Encoding", "br"}, {"Connection", "accept_encoding"}}, "Accept-Encoding"));
}

TEST_F(VaryTest, TooManyNamesAreNotEither) {
  std::string names;
  for (int i = 0; i < 17; ++i) names += "x-" + std::to_string(i) + ", ";
  EXPECT_FALSE(Values({}, names));
}

TEST_F(VaryTest, WhatTheKeyHoldsNeedsNoVariant) {
  EXPECT_EQ(Values({}, "Host, X-Forwarded-Proto, X-Forwarded-Host")->size(), 0u);
}

TEST_F(VaryTest, SameValueFits) {
  EXPECT_TRUE(Fits({{"X-A", "1"}}, "x-a", {{"x-a", "1"}}));
  EXPECT_FALSE(Fits({{"X-A", "1"}}, "x-a", {{"x-a", "2"}}));
}

TEST_F(VaryTest, AbsentFitsAbsentOnly) {
  EXPECT_TRUE(Fits({}, "x-a", {}));
  EXPECT_FALSE(Fits({}, "x-a", {{"x-a", ""}}));
  EXPECT_FALSE(Fits({{"x-a", ""}}, "x-a", {}));
}

TEST_F(VaryTest, EveryNameMustFit) {
  EXPECT_FALSE(Fits({{"x-a", "1"}, {"x-b", "1"}}, "x-a, x-b", {{"x-a", "1"}, {"x-b", "2"}}));
}

TEST_F(VaryTest, LinesOfOneFieldAreOneList) {
  EXPECT_TRUE(Fits({{"x-a", "1"}, {"x-a", "2"}}, "x-a", {{"x-a", "1,2"}}));
}

TEST_F(VaryTest, BlanksAroundCommasMeanNothingInNegotiationOnly) {
  EXPECT_TRUE(Fits({{"Accept-Language", "en,  fr"}}, "accept-language", {{"Accept-Language", "en ,fr"}}));
  EXPECT_FALSE(Fits({{"X-Text", "a, b"}}, "x-text", {{"X-Text", "a,b"}}));
}

TEST_F(VaryTest, IdentityIsTheGatewaysWord) {
  rule_.consumer.set_group("staff");
  EXPECT_TRUE(Fits({}, "X-Tollgate-Group", {{"X-Tollgate-Group", "admin"}}));
  const auto values = Values({{"X-Tollgate-Consumer", "mallory"}}, "X-Tollgate-Consumer");
  EXPECT_EQ(values->front().value, "market/ada");
}

TEST_F(VaryTest, FieldThatConnectionNamesWasNeverSeenUpstream) {
  EXPECT_FALSE(Values({{"X-A", "1"}, {"Connection", "x-a"}}, "x-a")->front().value);
}

TEST_F(VaryTest, OrderOfNamesMakesNoOtherVariant) {
  EXPECT_EQ(Values({}, "x-a, x-b, X-A"), Values({}, "x-b, x-a"));
}

}  // namespace
}  // namespace tollgate::cache
