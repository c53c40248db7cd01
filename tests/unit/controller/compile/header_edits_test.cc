// What rules do to heads, as proxies are given it.
#include <gmock/gmock.h>

#include "tests/unit/controller/compile/objects.h"

namespace tollgate::compile {
namespace {

using ::testing::ElementsAre;

class HeaderEditsTest : public CompilerTest {
 protected:
  HeaderEditsTest() { PutSurroundings(); }
  api::Rule Compiled() {
    Put(route_);
    Compile();
    return RouteNamed("market/quotes").value_or(api::Route()).rules(0);
  }
  resource::GatewayRoute route_ = MakeRoute("market/quotes");
};

TEST_F(HeaderEditsTest, AbsentIsNothing) {
  const api::Rule rule = Compiled();
  EXPECT_FALSE(rule.has_request_headers());
  EXPECT_FALSE(rule.has_response_headers());
  EXPECT_FALSE(rule.hide_upstream_headers());
}

TEST_F(HeaderEditsTest, AreHandedOn) {
  route_.rules[0].request_headers = {{"X-Debug"}, {{"X-Caller", "{consumer}"}}};
  route_.rules[0].response_headers = {{"Server"}, {{"X-Own", "1"}}};
  route_.rules[0].compress = {resource::Coding::kZstd, resource::Coding::kBrotli, resource::Coding::kGzip};
  route_.rules[0].upstream_headers = false;
  const api::Rule rule = Compiled();
  EXPECT_THAT(rule.request_headers().remove(), ElementsAre("x-debug"));
  EXPECT_EQ(rule.request_headers().set(0).name(), "X-Caller");
  EXPECT_EQ(rule.request_headers().set(0).value(), "{consumer}");
  EXPECT_THAT(rule.response_headers().remove(), ElementsAre("server"));
  EXPECT_EQ(rule.response_headers().set(0).value(), "1");
  EXPECT_THAT(rule.compress(), ElementsAre(api::ZSTD, api::BROTLI, api::GZIP));
  EXPECT_TRUE(rule.hide_upstream_headers());
}

}  // namespace
}  // namespace tollgate::compile
