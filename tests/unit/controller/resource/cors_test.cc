// The block cors of a route.
#include "controller/resource/cors.h"

#include <gmock/gmock.h>

#include "tests/unit/controller/resource/manifests.h"

namespace tollgate::resource {
namespace {

using ::testing::IsEmpty;

constexpr char kRules[] = "  access: Public\n  rules: [{name: all, type: Respond, respond: {}}]\n";

TEST(Cors, IsReadAsItIsWritten) {
  const GatewayRoute route = RouteWith(std::string(kRules) + R"(  cors:
    allowOrigins: ["https://a.example", "https://*.b.example:8443", "http://[::1]:80"]
    allowMethods: [GET]
    allowHeaders: [X-One]
    exposeHeaders: [X-Two]
    allowCredentials: true
    maxAge: 10m
)");
  EXPECT_THAT(route.mistakes, IsEmpty());
  EXPECT_EQ(route.cors,
            (Cors{.allow_origins = {"https://a.example", "https://*.b.example:8443", "http://[::1]:80"},
                  .allow_methods = {"GET"},
                  .allow_headers = {"X-One"},
                  .expose_headers = {"X-Two"},
                  .allow_credentials = true,
                  .max_age = std::chrono::minutes(10)}));
}

TEST(Cors, AbsentStaysAbsent) {
  EXPECT_FALSE(RouteWith(kRules).cors);
  const GatewayRoute route = RouteWith(std::string(kRules) + "  cors: {allowOrigins: [\"*\"]}\n");
  EXPECT_FALSE(route.cors->max_age);
  EXPECT_FALSE(route.cors->allow_credentials);
}

}  // namespace
}  // namespace tollgate::resource
