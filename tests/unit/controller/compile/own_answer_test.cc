// Rules of type Redirect and Respond as proxies are given them.
#include <gmock/gmock.h>

#include "tests/unit/controller/compile/objects.h"

namespace tollgate::compile {
namespace {

class OwnAnswerTest : public CompilerTest {
 protected:
  OwnAnswerTest() {
    PutSurroundings();
    route_.rules[0].targets.clear();
  }

  api::Rule Compiled() {
    Put(route_);
    Compile();
    return RouteNamed("market/quotes").value_or(api::Route()).rules(0);
  }

  resource::GatewayRoute route_ = MakeRoute("market/quotes");
};

TEST_F(OwnAnswerTest, ARedirectNeedsNoTargetAndIsTemporary) {
  route_.rules[0].redirect = resource::Redirect{.scheme = "https", .host = {}, .path = {}, .status = {}};
  const api::Rule rule = Compiled();
  EXPECT_EQ(rule.broken(), "");
  EXPECT_EQ(rule.targets_size(), 0);
  EXPECT_EQ(rule.redirect().scheme(), "https");
  EXPECT_EQ(rule.redirect().host(), "");
  EXPECT_EQ(rule.redirect().status(), 302u);
  EXPECT_EQ(RouteCondition("market/quotes", "Accepted"), "Accepted=True/Accepted: The route is valid");
}

TEST_F(OwnAnswerTest, AResponseIs200AndPlainText) {
  route_.rules[0].respond = resource::Respond{.status = {}, .headers = {}, .body = "hello"};
  const api::Rule rule = Compiled();
  EXPECT_EQ(rule.respond().status(), 200u);
  EXPECT_EQ(rule.respond().body(), "hello");
  ASSERT_EQ(rule.respond().headers_size(), 1);
  EXPECT_EQ(rule.respond().headers(0).name(), "Content-Type");
  EXPECT_EQ(rule.respond().headers(0).value(), "text/plain; charset=utf-8");
}

TEST_F(OwnAnswerTest, AResponsesOwnTypeStands) {
  route_.rules[0].respond =
      resource::Respond{.status = 503, .headers = {{"content-TYPE", "text/html"}}, .body = "<p>later"};
  const api::Rule rule = Compiled();
  EXPECT_EQ(rule.respond().status(), 503u);
  ASSERT_EQ(rule.respond().headers_size(), 1);
  EXPECT_EQ(rule.respond().headers(0).value(), "text/html");
}

TEST_F(OwnAnswerTest, ABrokenRuleKeepsNoAnswer) {
  route_.rules[0].redirect = resource::Redirect{.scheme = {}, .host = "b.example", .path = {}, .status = {}};
  route_.rules[0].mistakes = {{"spec.rules[0].redirect.status", "is no redirect: write 302"}};
  const api::Rule rule = Compiled();
  EXPECT_NE(rule.broken(), "");
  EXPECT_FALSE(rule.has_redirect());
}

}  // namespace
}  // namespace tollgate::compile
