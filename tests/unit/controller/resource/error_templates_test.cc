// The block errors of a route.
#include "controller/resource/error_templates.h"

#include <gmock/gmock.h>

#include "tests/unit/controller/resource/manifests.h"

namespace tollgate::resource {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kRules[] = "  access: Public\n  rules: [{name: all, type: Respond, respond: {}}]\n";

TEST(ErrorTemplates, AreReadAsTheyAreWritten) {
  const GatewayRoute route = RouteWith(std::string(kRules) + R"(  errors:
    format: Template
    templates:
    - {problem: rate-limited, contentType: application/json, body: '{"status": false}'}
    - {contentType: text/html; charset=utf-8, body: "<p>{detail}"}
)");
  EXPECT_THAT(route.mistakes, IsEmpty());
  EXPECT_THAT(route.error_templates,
              ElementsAre(ErrorTemplate{"rate-limited", "application/json", "{\"status\": false}"},
                          ErrorTemplate{"", "text/html; charset=utf-8", "<p>{detail}"}));
}

TEST(ErrorTemplates, ProblemsAreTheDefault) {
  EXPECT_THAT(RouteWith(kRules).error_templates, IsEmpty());
  const GatewayRoute route = RouteWith(std::string(kRules) + "  errors: {format: Problem}\n");
  EXPECT_THAT(route.mistakes, IsEmpty());
  EXPECT_THAT(route.error_templates, IsEmpty());
}

}  // namespace
}  // namespace tollgate::resource
