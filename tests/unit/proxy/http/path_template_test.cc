#include "proxy/http/path_template.h"

#include <gtest/gtest.h>

#include <string>

namespace tollgate::http {
namespace {

// "name=value …" of a path that fits, else "-".
std::string Match(const char* text, std::string_view path) {
  const std::optional<PathTemplate> parsed = PathTemplate::Parse(text);
  if (!parsed) return "no template";
  Captures captures;
  if (!parsed->Match(path, captures)) return "-";
  std::string found;
  for (size_t i = 0; i < captures.count; ++i) {
    found += std::string(captures.captures[i].name) + "=" + std::string(captures.captures[i].value) + " ";
  }
  return found;
}

TEST(PathTemplate, LiteralsFitThemselves) {
  EXPECT_EQ(Match("/", "/"), "");
  EXPECT_EQ(Match("/a/b", "/a/b"), "");
  EXPECT_EQ(Match("/a/", "/a/"), "");
  EXPECT_EQ(Match("/a//b", "/a//b"), "");
  for (const char* path : {"/", "/a", "/a/", "/a/b/", "/a/b/c", "/a/B", "/a/bb", "//a/b"}) {
    EXPECT_EQ(Match("/a/b", path), "-") << path;
  }
}

TEST(PathTemplate, VariableIsOneSegmentThatIsNotEmpty) {
  EXPECT_EQ(Match("/v1/{symbol}", "/v1/ACME"), "symbol=ACME ");
  EXPECT_EQ(Match("/v1/{symbol}", "/v1/a%2Fb"), "symbol=a%2Fb ");
  EXPECT_EQ(Match("/{a}/x/{b}", "/1/x/2"), "a=1 b=2 ");
  for (const char* path : {"/v1", "/v1/", "/v1/a/", "/v1/a/b", "/v2/a"}) {
    EXPECT_EQ(Match("/v1/{symbol}", path), "-") << path;
  }
  EXPECT_EQ(Match("/{a}/b", "//b"), "-");
}

TEST(PathTemplate, RestTakesWhatIsLeft) {
  EXPECT_EQ(Match("/files/{path...}", "/files/a/b"), "path=a/b ");
  EXPECT_EQ(Match("/files/{path...}", "/files/"), "path= ");
  EXPECT_EQ(Match("/files/{path...}", "/files//a/"), "path=/a/ ");
  EXPECT_EQ(Match("/files/{path...}", "/files"), "-");
  EXPECT_EQ(Match("/files/{path...}", "/filesystem"), "-");
  EXPECT_EQ(Match("/{all...}", "/"), "all= ");
}

TEST(PathTemplate, WhatIsNoTemplateIsRefused) {
  for (const char* text : {"",          "a",        "{a}",      "/{}",         "/{a",    "/a}",    "/{a}b",
                           "/b{a}",     "/{a}{b}",  "/{a.b}",   "/{a b}",      "/{...}", "/{a..}", "/{a....}",
                           "/{a...}/b", "/{a...}/", "/{a}/{a}", "/{a}/{a...}", "/{{a}}", "/{ä}"}) {
    EXPECT_EQ(Match(text, "/"), "no template") << text;
  }
}

TEST(PathTemplate, SixteenVariablesAreTheMost) {
  std::string text;
  std::string path;
  for (int i = 0; i < 16; ++i) {
    text += "/{v" + std::to_string(i) + "}";
    path += "/x";
  }
  EXPECT_TRUE(Match(text.c_str(), path).ends_with("v15=x "));
  EXPECT_EQ(Match((text + "/{v16}").c_str(), path), "no template");
}

TEST(PathTemplate, LiteralSegmentsAreCounted) {
  EXPECT_EQ(PathTemplate::Parse("/a/{b}/c")->literal_count(), 2U);
  EXPECT_EQ(PathTemplate::Parse("/{b}/{c...}")->literal_count(), 0U);
}

std::string Expand(const char* from, std::string_view path, const char* to) {
  const std::optional<PathTemplate> match = PathTemplate::Parse(from);
  Captures captures;
  EXPECT_TRUE(match->Match(path, captures));
  std::string out = "+";
  PathTemplate::Parse(to)->Expand(captures, out);
  return out;
}

TEST(PathTemplate, VariablesAreFilledIn) {
  EXPECT_EQ(Expand("/v1/{a}/{b}", "/v1/x/y", "/in/{b}/of/{a}"), "+/in/y/of/x");
  EXPECT_EQ(Expand("/v1/{rest...}", "/v1/x/y/", "/in/{rest}"), "+/in/x/y/");
  EXPECT_EQ(Expand("/v1/{rest...}", "/v1/x", "/{rest...}"), "+/x");
  EXPECT_EQ(Expand("/v1", "/v1", "/fixed/"), "+/fixed/");
}

TEST(PathTemplate, UnknownVariableIsEmpty) { EXPECT_EQ(Expand("/v1/{a}", "/v1/x", "/{b}"), "+/"); }

TEST(Captures, FailedMatchLeavesNothingToRead) {
  Captures captures;
  EXPECT_TRUE(PathTemplate::Parse("/{a}")->Match("/x", captures));
  EXPECT_FALSE(PathTemplate::Parse("/b")->Match("/x", captures));
  EXPECT_EQ(captures.Value("a"), "");
}

}  // namespace
}  // namespace tollgate::http
