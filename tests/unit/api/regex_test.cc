#include "api/regex.h"

#include <gmock/gmock.h>

namespace tollgate::api {
namespace {

using ::testing::HasSubstr;

bool Fits(std::string_view pattern, std::string_view text) {
  const Result<Regex> regex = Regex::Compile(pattern);
  EXPECT_TRUE(regex.ok()) << pattern;
  return regex.ok() && regex->FitsWhole(text);
}

std::string FaultOf(std::string_view pattern) {
  const Result<Regex> regex = Regex::Compile(pattern);
  return regex.ok() ? "" : regex.error().message;
}

TEST(Regex, FitsTheWholeTextAndNoPartOfIt) {
  EXPECT_TRUE(Fits("v[12]", "v1"));
  EXPECT_FALSE(Fits("v[12]", "v1x"));
  EXPECT_FALSE(Fits("v[12]", "xv1"));
  EXPECT_TRUE(Fits("a|ab", "ab")) << "the longer alternative may be the second";
  EXPECT_TRUE(Fits("", ""));
}

TEST(Regex, OctetsThatAreNoTextFitNothing) { EXPECT_FALSE(Fits(".*", "\xff\xfe")); }

TEST(Regex, WhatCannotBeReadSaysWhy) {
  EXPECT_EQ(FaultOf("a(b"), "is no regular expression that RE2 reads (missing ): a(b): mend it");
  EXPECT_THAT(FaultOf("(?=a)"), HasSubstr("invalid perl operator"));
  EXPECT_THAT(FaultOf("a{1001}"), HasSubstr("invalid repetition size"));
}

TEST(Regex, WhatIsTooLargeSaysSo) {
  EXPECT_THAT(FaultOf("(\\pL{1,100}){1,10}"), HasSubstr("takes more than 128 KiB as a program"));
}

// A text of a kind that others' expressions take minutes for.
TEST(Regex, AHostileTextCostsNoMoreThanItsLength) {
  EXPECT_FALSE(Fits("(a*)*b", std::string(30'000, 'a')));
  EXPECT_FALSE(Fits("(a|b|ab)*c", std::string(30'000, 'a') + "d"));
}

TEST(Regex, EveryOneOfUsualLengthFits) {
  std::string literal(500, 'a');
  EXPECT_TRUE(Fits(literal, literal));
  EXPECT_TRUE(Fits("[A-Z0-9._-]{1,64}(/[a-z]{2,20}){0,5}", "ACME/one/two"));
}

}  // namespace
}  // namespace tollgate::api
