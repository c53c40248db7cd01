// Conditions of matches as proxies are given them, and the regular expressions of all routes together.
#include <gmock/gmock.h>

#include "tests/unit/controller/compile/objects.h"

namespace tollgate::compile {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using Type = resource::ValueMatch::Type;

class MatchesTest : public CompilerTest {
 protected:
  MatchesTest() { PutSurroundings(); }

  // A route, older than those after it, whose one match asks for a header by this expression.
  void PutWithRegex(const std::string& name, const std::string& pattern) {
    resource::GatewayRoute route = MakeRoute(name, ++created_);
    route.rules[0].matches[0].headers = {{"X-A", Type::kRegex, pattern}};
    Put(route);
  }

  int64_t created_ = 0;
};

TEST_F(MatchesTest, ConditionsAreHandedOn) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.rules[0].matches[0].headers = {{"X-Api-Version", Type::kExact, "2"}, {"X-B", Type::kPresent, ""}};
  route.rules[0].matches[0].query = {{"Q", Type::kPrefix, "a"}};
  route.rules[0].matches[0].cookies = {{"C", Type::kRegex, "[a-z]+"}};
  Put(route);
  Compile();
  const api::Match match = RouteNamed("market/quotes")->rules(0).matches(0);
  ASSERT_EQ(match.headers_size(), 2);
  EXPECT_EQ(match.headers(0).name(), "x-api-version") << "headers compare without regard to case";
  EXPECT_EQ(match.headers(0).type(), api::ValueMatch::EXACT);
  EXPECT_EQ(match.headers(0).value(), "2");
  EXPECT_EQ(match.headers(1).type(), api::ValueMatch::PRESENT);
  EXPECT_EQ(match.query(0).name(), "Q");
  EXPECT_EQ(match.query(0).type(), api::ValueMatch::PREFIX);
  EXPECT_EQ(match.cookies(0).name(), "C");
  EXPECT_EQ(match.cookies(0).type(), api::ValueMatch::REGEX);
}

TEST_F(MatchesTest, ARegexThatIsTooLargeBreaksItsRuleAndItsSiblingsServe) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.rules.push_back(MakeRule("large", "/large"));
  route.rules[1].matches[0].cookies = {{"a", Type::kExact, "1"}, {"C", Type::kRegex, "(\\pL{1,100}){1,10}"}};
  Put(route);
  Compile();
  const auto compiled = RouteNamed("market/quotes");
  ASSERT_EQ(compiled->rules_size(), 1);
  EXPECT_EQ(compiled->rules(0).broken(), "");
  EXPECT_EQ(compiled->broken(),
            "spec.rules[1].matches[0].cookies[1].value: takes more than 128 KiB as a program: repeat less in "
            "it, or divide it among several matches");
  EXPECT_THAT(RouteCondition("market/quotes", "PartiallyInvalid"),
              StartsWith("PartiallyInvalid=True/Invalid: spec.rules[1].matches[0].cookies[1].value"));
}

TEST_F(MatchesTest, ARegexPathIsHandedOnAsItStands) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.rules[0].matches[0].path = {resource::PathMatch::Type::kRegex, "/v[12]/(a|b){1,3}/%2f"};
  Put(route);
  Compile();
  const api::PathMatch path = RouteNamed("market/quotes")->rules(0).matches(0).path();
  EXPECT_EQ(path.type(), api::PathMatch::REGEX);
  EXPECT_EQ(path.value(), "/v[12]/(a|b){1,3}/%2f");
}

TEST_F(MatchesTest, ARegexPathThatIsTooLargeIsAnUnreadableMatch) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.rules[0].matches[0].path = {resource::PathMatch::Type::kRegex, "/(\\pL{1,100}){1,10}"};
  Put(route);
  Compile();
  EXPECT_THAT(RouteNamed("market/quotes")->broken(),
              StartsWith("spec.rules[0].matches[0].path.value: takes more than 128 KiB as a program"));
}

TEST_F(MatchesTest, OfTooManyRegexesThoseOfTheOldestRoutesStand) {
  options_.most_regexes = 2;
  PutWithRegex("market/z", "one");
  PutWithRegex("market/y", "two");
  PutWithRegex("market/x", "three");
  PutWithRegex("market/w", "one");
  Compile();
  EXPECT_EQ(RouteNamed("market/z")->broken(), "");
  EXPECT_EQ(RouteNamed("market/y")->broken(), "");
  EXPECT_EQ(RouteNamed("market/w")->broken(), "") << "the program is there already";
  EXPECT_THAT(RouteCondition("market/x", "Accepted"),
              StartsWith("Accepted=False/Invalid: spec.rules[0].matches[0].headers[0].value: is one more "
                         "regular expression than the 2 that the routes"));
}

}  // namespace
}  // namespace tollgate::compile
