#include "controller/compile/canonical_path.h"

#include <gmock/gmock.h>

namespace tollgate::compile {
namespace {

using ::testing::HasSubstr;

std::string Canonical(std::string_view path) {
  const Result<std::string> result = CanonicalPath(path);
  return result ? *result : "refused: " + result.error().message;
}

std::string Template(std::string_view path) {
  const Result<std::string> result = CanonicalTemplate(path);
  return result ? *result : "refused: " + result.error().message;
}

TEST(CanonicalPath, UnreservedIsDecoded) { EXPECT_EQ(Canonical("/%41%7a%30%2D%5f%7E%2e5"), "/Az0-_~.5"); }

TEST(CanonicalPath, OtherOctetsStayEncodedInUpperCase) {
  EXPECT_EQ(Canonical("/a%2fb%5c%c3%a9%20"), "/a%2Fb%5C%C3%A9%20");
}

TEST(CanonicalPath, SubDelimitersAndEmptySegmentsStay) {
  EXPECT_EQ(Canonical("/a//b!$&'()*+,;=:@/"), "/a//b!$&'()*+,;=:@/");
}

TEST(CanonicalPath, CanonicalIsItsOwnCanonicalForm) {
  const std::string once = Canonical("/%7e/%c3%a9/%25");
  EXPECT_EQ(Canonical(once), once);
}

TEST(CanonicalPath, BadEscapesAreRefused) {
  for (const char* path : {"/%", "/%4", "/%4g", "/%g4", "/%%41"}) {
    EXPECT_THAT(Canonical(path), HasSubstr("'%' without two hexadecimal digits")) << path;
  }
  EXPECT_THAT(Canonical("/a%00"), HasSubstr("%00"));
}

TEST(CanonicalPath, CharactersOutsideTheGrammarAreRefused) {
  EXPECT_THAT(Canonical("/a?b"), HasSubstr("'?'"));
  EXPECT_THAT(Canonical("/a#b"), HasSubstr("'#'"));
  EXPECT_THAT(Canonical("/{a}"), HasSubstr("'{'"));
  EXPECT_THAT(Canonical("/a b"), HasSubstr("percent-encode"));
  EXPECT_THAT(Canonical("/\xC3\xA9"), HasSubstr("outside ASCII"));
}

TEST(CanonicalPath, DotSegmentsAreRefusedInAnySpelling) {
  for (const char* path : {"/a/../b", "/./a", "/a/..", "/a/%2e%2E/b", "/a/.%2e"}) {
    EXPECT_THAT(Canonical(path), HasSubstr("segment: write the path that it leads to")) << path;
  }
  EXPECT_EQ(Canonical("/a/...//.well-known"), "/a/...//.well-known");
}

TEST(CanonicalTemplate, VariablesStayAsTheyAre) {
  EXPECT_EQ(Template("/%7ea/{symbol}/%c3%a9/{rest...}"), "/~a/{symbol}/%C3%A9/{rest...}");
}

TEST(CanonicalTemplate, UnpairedBracesAreRefused) {
  EXPECT_THAT(Template("/a/{symbol"), HasSubstr("'{' without its '}'"));
  EXPECT_THAT(Template("/a/symbol}"), HasSubstr("'}'"));
}

}  // namespace
}  // namespace tollgate::compile
