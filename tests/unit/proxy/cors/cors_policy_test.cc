// Which origins may call, and what their browsers are told.
#include "proxy/cors/cors_policy.h"

#include <gtest/gtest.h>

#include "proxy/cors/cors_table.h"
#include "tests/kit/heads.h"

namespace tollgate::cors {
namespace {

class CorsPolicyTest : public testing::Test {
 protected:
  CorsPolicyTest() { spec_.set_max_age_s(60); }

  std::string OriginFor(std::string_view origin) const {
    return std::string(CorsPolicy(spec_).Judge(origin).allow_origin);
  }
  bool Admits(std::string_view origin) const { return OriginFor(origin) == origin; }
  // The fields of an answer with one of the upstream's, a line each.
  std::string Told(std::string_view origin) const {
    const CorsPolicy policy(spec_);
    exchange::Answer answer;
    answer.Add("access-control-allow-methods", "TRACE");
    answer.Add("X-Own", "1");
    DropOriginFields(answer);
    AddOriginFields(policy.Judge(origin), answer);
    return kit::ToText(answer.fields);
  }
  std::string Preflight(std::string_view asked) const {
    const CorsPolicy policy(spec_);
    exchange::Answer answer;
    policy.AnswerPreflight(asked, answer);
    return kit::ToText(answer.fields);
  }

  api::Cors spec_;
};

TEST_F(CorsPolicyTest, OriginsAreComparedWhole) {
  spec_.add_allow_origins("https://a.example");
  spec_.add_allow_origins("http://b.example:8080");
  EXPECT_TRUE(Admits("https://a.example"));
  EXPECT_TRUE(Admits("http://b.example:8080"));
  for (const char* other : {"http://a.example", "https://a.example:8443", "https://a.example.evil.example",
                            "https://sub.a.example", "http://b.example", "null", "https://a.example/"}) {
    EXPECT_EQ(OriginFor(other), "") << other;
  }
}

TEST_F(CorsPolicyTest, AWildcardIsOneOrMoreLabels) {
  spec_.add_allow_origins("https://*.example.com:8443");
  EXPECT_TRUE(Admits("https://a.example.com:8443"));
  EXPECT_TRUE(Admits("https://a.b.example.com:8443"));
  for (const char* other :
       {"https://example.com:8443", "https://.example.com:8443", "https://aexample.com:8443",
        "https://a.example.com", "http://a.example.com:8443", "https://evil.example/.example.com:8443",
        "https://evil.example:1.example.com:8443", "https://a@b.example.com:8443"}) {
    EXPECT_EQ(OriginFor(other), "") << other;
  }
}

TEST_F(CorsPolicyTest, EveryOriginIsToldTheSame) {
  spec_.add_allow_origins("*");
  EXPECT_EQ(Told("https://a.example"), "X-Own: 1\nAccess-Control-Allow-Origin: *\n");
  EXPECT_EQ(Told(""), Told("null"));
}

TEST_F(CorsPolicyTest, EveryOriginIsNeverGivenCredentials) {
  spec_.add_allow_origins("*");
  spec_.set_allow_credentials(true);
  EXPECT_EQ(Told("https://a.example"), "X-Own: 1\nVary: Origin\n");
}

TEST_F(CorsPolicyTest, WhatDependsOnTheOriginSaysSo) {
  spec_.add_allow_origins("https://a.example");
  spec_.set_allow_credentials(true);
  spec_.add_expose_headers("X-One");
  spec_.add_expose_headers("X-Two");
  EXPECT_EQ(Told("https://a.example"),
            "X-Own: 1\nVary: Origin\nAccess-Control-Allow-Origin: https://a.example\n"
            "Access-Control-Allow-Credentials: true\nAccess-Control-Expose-Headers: X-One, X-Two\n");
  EXPECT_EQ(Told("https://b.example"), "X-Own: 1\nVary: Origin\n");
  EXPECT_EQ(Told(""), "X-Own: 1\nVary: Origin\n");
}

TEST_F(CorsPolicyTest, PreflightsAreToldWhatPagesMayDo) {
  spec_.add_allow_methods("GET");
  spec_.add_allow_methods("PUT");
  EXPECT_EQ(Preflight("x-one, x-two"),
            "Access-Control-Allow-Methods: GET, PUT\nAccess-Control-Allow-Headers: x-one, x-two\n"
            "Access-Control-Max-Age: 60\nVary: Access-Control-Request-Headers\n");
  spec_.add_allow_headers("X-Three");
  EXPECT_EQ(Preflight("x-one"),
            "Access-Control-Allow-Methods: GET, PUT\nAccess-Control-Allow-Headers: X-Three\n"
            "Access-Control-Max-Age: 60\n");
}

}  // namespace
}  // namespace tollgate::cors
