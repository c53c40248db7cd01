// What browsers are told, as proxies are given it.
#include "controller/compile/cors.h"

#include <gmock/gmock.h>

#include "tests/unit/controller/compile/objects.h"

namespace tollgate::compile {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CorsTest : public CompilerTest {
 protected:
  CorsTest() { PutSurroundings(); }
  api::Route Compiled(std::optional<resource::Cors> cors) {
    resource::GatewayRoute route = MakeRoute("market/quotes");
    route.cors = std::move(cors);
    Put(route);
    Compile();
    return RouteNamed("market/quotes").value_or(api::Route());
  }
};

TEST_F(CorsTest, AbsentStaysAbsent) { EXPECT_FALSE(Compiled(std::nullopt).has_cors()); }

TEST_F(CorsTest, DefaultsAreStated) {
  resource::Cors cors;
  cors.allow_origins = {"*"};
  const api::Cors compiled = Compiled(cors).cors();
  EXPECT_THAT(compiled.allow_methods(), ElementsAre("GET", "HEAD", "POST"));
  EXPECT_THAT(compiled.allow_headers(), IsEmpty());
  EXPECT_FALSE(compiled.allow_credentials());
  EXPECT_EQ(compiled.max_age_s(), 5U);
}

TEST_F(CorsTest, WhatIsWrittenIsHandedOn) {
  const api::Cors compiled =
      Compiled(resource::Cors{.allow_origins = {"https://a.example", "https://*.b.example"},
                              .allow_methods = {"PUT"},
                              .allow_headers = {"X-One"},
                              .expose_headers = {"X-Two"},
                              .allow_credentials = true,
                              .max_age = std::chrono::minutes(10)})
          .cors();
  EXPECT_THAT(compiled.allow_origins(), ElementsAre("https://a.example", "https://*.b.example"));
  EXPECT_THAT(compiled.allow_methods(), ElementsAre("PUT"));
  EXPECT_THAT(compiled.allow_headers(), ElementsAre("X-One"));
  EXPECT_THAT(compiled.expose_headers(), ElementsAre("X-Two"));
  EXPECT_TRUE(compiled.allow_credentials());
  EXPECT_EQ(compiled.max_age_s(), 600U);
}

}  // namespace
}  // namespace tollgate::compile
