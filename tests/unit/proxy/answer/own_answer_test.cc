// What a rule answers by itself, of type Redirect and Respond.
#include "proxy/answer/own_answer.h"

#include <gtest/gtest.h>

#include "tests/kit/snapshot_builder.h"
#include "tests/kit/test_exchange.h"

namespace tollgate::answer {
namespace {

using kit::Exact;
using kit::Prefix;
using kit::Template;

class OwnAnswerTest : public ::testing::Test {
 protected:
  // The rule that answers, with this path.
  api::Rule& Rule(api::PathMatch path = {}) {
    return kit::AddRule(builder_.Route("a/r"), "rule", std::move(path));
  }
  api::Redirect& Redirect(api::PathMatch path = {}) {
    api::Redirect& redirect = *Rule(std::move(path)).mutable_redirect();
    redirect.set_status(302);
    return redirect;
  }

  // The status, the fields with a blank behind each, and the body.
  std::string Answer(const std::string& target, const std::string& lines = "Host: a.example:8080\r\n",
                     int minor_version = 1) {
    const auto catalog = builder_.Build();
    const exchange::PathRewrites rewrites(*catalog);
    kit::TestExchange x("GET", target, lines, minor_version);
    const snapshot::RuleEntry& rule = kit::RuleNamed(*catalog, "rule");
    const api::Match& match = rule.spec->matches(0);
    x->routed = exchange::Routed{&kit::RouteNamed(*catalog, "a/r"), &rule, 0,
                                 match.has_path() ? &match.path() : nullptr};
    exchange::Answer answer;
    const auto body = MakeOwnAnswer(*x, rewrites, answer);
    if (!body.ok()) return std::string(exchange::RowOf(body.error().problem).slug);
    EXPECT_EQ(answer.framing.has_body(), !body->empty());
    EXPECT_EQ(answer.framing.has_body() ? answer.framing.length : 0, body->size());
    return std::to_string(answer.status) + " " + kit::ToText(answer.fields) + std::string(*body);
  }

  kit::SnapshotBuilder builder_;
};

TEST_F(OwnAnswerTest, WhatARedirectDoesNotNameStays) {
  Redirect().set_path("/new");
  EXPECT_EQ(Answer("/a/b%2Fc?x=1&y"), "302 Location: //a.example:8080/new?x=1&y\n");
}

TEST_F(OwnAnswerTest, ARedirectToAnotherHostKeepsPathAndQuery) {
  Redirect().set_host("b.example");
  EXPECT_EQ(Answer("/a/b%2Fc//?x=1&y"), "302 Location: //b.example/a/b%2Fc//?x=1&y\n");
  EXPECT_EQ(Answer("/a?"), "302 Location: //b.example/a?\n");
}

TEST_F(OwnAnswerTest, AnotherSchemeHasItsOwnPort) {
  Redirect().set_scheme("https");
  EXPECT_EQ(Answer("/a"), "302 Location: https://a.example/a\n");
  EXPECT_EQ(Answer("/a", "Host: [::1]:8080\r\n"), "302 Location: https://[::1]/a\n");
}

TEST_F(OwnAnswerTest, AllOfARedirectIsWritten) {
  api::Redirect& redirect = Redirect(Prefix("/old"));
  redirect.set_scheme("https");
  redirect.set_host("b.example");
  redirect.set_path("/new");
  redirect.set_status(308);
  EXPECT_EQ(Answer("/old/x?y"), "308 Location: https://b.example/new/x?y\n");
}

TEST_F(OwnAnswerTest, ARedirectsPathTakesVariables) {
  Redirect(Template("/v1/{symbol}/days/{n}")).set_path("/v2/days/{n}/of/{symbol}");
  EXPECT_EQ(Answer("/v1/A%2FB/days/3"), "302 Location: //a.example:8080/v2/days/3/of/A%2FB\n");
}

// "//evil.example" alone would be a host.
TEST_F(OwnAnswerTest, ACallersPathIsNeverTakenForAHost) {
  Redirect(Prefix("/")).set_path("/");
  EXPECT_EQ(Answer("//evil.example/x"), "302 Location: //a.example:8080//evil.example/x\n");
}

TEST_F(OwnAnswerTest, ACallerWithoutAHostCannotBeSentBackToIt) {
  Redirect().set_scheme("https");
  EXPECT_EQ(Answer("/a", "", 0), "bad-request");
}

TEST_F(OwnAnswerTest, ACallerWithoutAHostCanBeSentToAnother) {
  Redirect().set_host("b.example");
  EXPECT_EQ(Answer("/a", "", 0), "302 Location: //b.example/a\n");
}

TEST_F(OwnAnswerTest, TheQueryIsWhatIsLeftOfIt) {
  Redirect().set_host("b.example");
  const auto catalog = builder_.Build();
  const exchange::PathRewrites rewrites(*catalog);
  kit::TestExchange x("GET", "/a?key=secret");
  x->routed =
      exchange::Routed{&kit::RouteNamed(*catalog, "a/r"), &kit::RuleNamed(*catalog, "rule"), 0, nullptr};
  x->query = {};
  x->has_query = false;
  exchange::Answer answer;
  EXPECT_TRUE(MakeOwnAnswer(*x, rewrites, answer).ok());
  EXPECT_EQ(kit::ToText(answer.fields), "Location: //b.example/a\n");
}

TEST_F(OwnAnswerTest, AResponseIsSentAsItStands) {
  api::Respond& respond = *Rule(Exact("/robots.txt")).mutable_respond();
  respond.set_status(451);
  respond.set_body("User-agent: *\n");
  for (const char* name : {"Content-Type", "Set-Cookie", "Set-Cookie"}) {
    api::HeaderValue& header = *respond.add_headers();
    header.set_name(name);
    header.set_value("x");
  }
  EXPECT_EQ(Answer("/robots.txt"), "451 Content-Type: x\nSet-Cookie: x\nSet-Cookie: x\nUser-agent: *\n");
}

TEST_F(OwnAnswerTest, AResponseMayHaveNoBody) {
  Rule().mutable_respond()->set_status(204);
  EXPECT_EQ(Answer("/"), "204 ");
}

TEST_F(OwnAnswerTest, OnlyRulesWithOneHaveAnOwnAnswer) {
  api::Rule rule;
  EXPECT_FALSE(HasOwnAnswer(rule));
  rule.mutable_redirect();
  EXPECT_TRUE(HasOwnAnswer(rule));
  rule.mutable_respond();
  EXPECT_TRUE(HasOwnAnswer(rule));
}

}  // namespace
}  // namespace tollgate::answer
