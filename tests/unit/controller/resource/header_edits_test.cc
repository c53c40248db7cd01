// The blocks request and response of a rule.
#include "controller/resource/header_edits.h"

#include <gmock/gmock.h>

#include "tests/unit/controller/resource/manifests.h"

namespace tollgate::resource {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

GatewayRoute RouteWithRule(const std::string& lines) {
  return RouteWith(
      "  access: Public\n  rules:\n  - name: all\n"
      "    matches: [{path: {type: Template, value: \"/v1/{symbol}/{rest...}\"}}]\n"
      "    upstream: {targets: [{serviceRef: {name: quotes, port: http}}]}\n" +
      lines);
}

TEST(HeaderEdits, AreReadAsTheyAreWritten) {
  const GatewayRoute route = RouteWithRule(R"(
    request: {headers: {remove: [X-Debug], set: [{name: X-Caller, value: "{consumer} of {symbol}, {rest}"}]}}
    response: {compress: [Gzip, Brotli, Zstd], upstreamHeaders: false, headers: {remove: [Server], set: [{name: X-A, value: "{{}}"}]}}
)");
  const Rule& rule = route.rules.at(0);
  EXPECT_THAT(rule.mistakes, IsEmpty());
  EXPECT_EQ(rule.request_headers,
            (HeaderEdits{{"X-Debug"}, {{"X-Caller", "{consumer} of {symbol}, {rest}"}}}));
  EXPECT_EQ(rule.response_headers, (HeaderEdits{{"Server"}, {{"X-A", "{{}}"}}}));
  EXPECT_THAT(rule.compress, ElementsAre(Coding::kGzip, Coding::kBrotli, Coding::kZstd));
  EXPECT_FALSE(rule.upstream_headers);
}

TEST(HeaderEdits, AbsentLeavesHeadsAsTheyAre) {
  const GatewayRoute route = RouteWithRule("");
  EXPECT_EQ(route.rules.at(0).request_headers, HeaderEdits());
  EXPECT_EQ(route.rules.at(0).response_headers, HeaderEdits());
  EXPECT_THAT(route.rules.at(0).compress, IsEmpty());
  EXPECT_TRUE(route.rules.at(0).upstream_headers);
}

}  // namespace
}  // namespace tollgate::resource
