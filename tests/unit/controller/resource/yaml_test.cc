#include "controller/resource/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace tollgate::resource {
namespace {

using nlohmann::json;
using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

struct Document {
  int line;
  json value;
};

std::vector<Document> Read(const std::string& text) {
  std::vector<Document> documents;
  const Status<> status = VisitYaml(text, "test.yaml", [&](int line, const json& document) -> Status<> {
    documents.push_back({line, document});
    return Done{};
  });
  EXPECT_TRUE(status.ok()) << status.error().message;
  return documents;
}

json Value(const std::string& text) {
  const std::vector<Document> documents = Read(text);
  EXPECT_EQ(documents.size(), 1U);
  return documents.empty() ? json() : documents[0].value;
}

std::string Refusal(const std::string& text) {
  const Status<> status = VisitYaml(text, "test.yaml", [](int, const json&) -> Status<> { return Done{}; });
  return status ? "" : status.error().message;
}

TEST(Yaml, PlainWordsOfYaml11AreBooleans) {
  EXPECT_EQ(Value("[yes, No, on, OFF, true, False, y, N]"),
            json({true, false, true, false, true, false, true, false}));
}

TEST(Yaml, WhatIsQuotedIsText) {
  EXPECT_EQ(Value(R"(["yes", 'no', "12", '~', ""])"), json({"yes", "no", "12", "~", ""}));
  EXPECT_EQ(Value("|\n  12\n"), json("12\n"));
}

TEST(Yaml, NothingAndTildeAreNull) {
  EXPECT_EQ(Value("{a: , b: ~, c: null, d: NULL}"),
            json({{"a", nullptr}, {"b", nullptr}, {"c", nullptr}, {"d", nullptr}}));
}

TEST(Yaml, IntegersStandInEveryBaseOfYaml11) {
  EXPECT_EQ(Value("[0, -7, +7, 0x1F, -0x1f, 017, 0o17, 0b101, 1_000, 18446744073709551615]"),
            json({0, -7, 7, 31, -31, 15, 15, 5, 1000, 18446744073709551615U}));
}

TEST(Yaml, AFloatWithoutAFractionIsAnIntegerAsKubectlSendsIt) {
  EXPECT_EQ(Value("[1.0, 1e3, 08, 1.5, .5, -2.5e-1]").dump(), "[1,1000,8,1.5,0.5,-0.25]");
}

TEST(Yaml, WhatOnlyLooksLikeANumberIsText) {
  EXPECT_EQ(Value("[1.2.3, 1h, 0x, 0xg, '-', +, 1e, 2026-11-21, 12:30:45, 10.0.0.0/8]"),
            json({"1.2.3", "1h", "0x", "0xg", "-", "+", "1e", "2026-11-21", "12:30:45", "10.0.0.0/8"}));
}

TEST(Yaml, AnExplicitTagDecidesTheType) {
  EXPECT_EQ(Value("[!!str 1, !!str yes, !!int 1, !!float 1.5]"), json({"1", "yes", 1, 1.5}));
  EXPECT_THAT(Refusal("a: !!int one"), HasSubstr("test.yaml:1: a value does not fit its tag"));
  EXPECT_THAT(Refusal("a: !secret x"), HasSubstr("does not fit its tag"));
}

TEST(Yaml, KeysThatAreNumbersOrBooleansBecomeText) {
  EXPECT_EQ(Value("{1: a, yes: b, 0x10: c}"), json({{"1", "a"}, {"true", "b"}, {"16", "c"}}));
}

TEST(Yaml, AKeyThatIsNoTextIsRefused) {
  EXPECT_THAT(Refusal("? [a]\n: b\n"), HasSubstr("test.yaml:1: a mapping has a key that is no text"));
  EXPECT_THAT(Refusal("{~: b}"), HasSubstr("a mapping has a key that is no text"));
}

TEST(Yaml, ADuplicateKeyIsRefusedWithItsLine) {
  EXPECT_EQ(Refusal("a: 1\nb:\n  c: 1\n  d: 2\n  \"c\": 3\n"),
            "test.yaml:5: the key \"c\" stands twice in one mapping; remove one");
}

TEST(Yaml, DocumentsComeWithTheLineOfTheirFirstValue) {
  const std::vector<Document> documents = Read("# head\n---\n\na: 1\n---\n# nothing\n---\nb: 2\n...\n");
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_EQ(documents[0].line, 4);
  EXPECT_EQ(documents[0].value, json({{"a", 1}}));
  EXPECT_EQ(documents[1].line, 8);
}

TEST(Yaml, AnEmptyTextHasNoDocuments) {
  EXPECT_TRUE(Read("").empty());
  EXPECT_TRUE(Read("# only a comment\n").empty());
}

TEST(Yaml, AnAliasIsACopyOfItsAnchor) {
  EXPECT_EQ(Value("a: &x {k: [1, 2]}\nb: *x\n&key c: 1\nd: *key\n"),
            json({{"a", {{"k", {1, 2}}}}, {"b", {{"k", {1, 2}}}}, {"c", 1}, {"d", "c"}}));
}

TEST(Yaml, MergeKeysYieldToTheMappingsOwn) {
  EXPECT_EQ(
      Value(
          "base: &base {a: 1, b: 2}\nmore: &more {b: 3, c: 4}\nall:\n  a: 0\n  <<: [*base, *more]\n")["all"],
      json({{"a", 0}, {"b", 2}, {"c", 4}}));
  EXPECT_EQ(Value("{\"<<\": 1}"), json({{"<<", 1}}));
  EXPECT_THAT(Refusal("a: 1\n<<: 2\n"), HasSubstr("test.yaml:2: << merges mappings only"));
}

TEST(Yaml, AnAliasInsideItsOwnAnchorIsRefused) {
  EXPECT_THAT(Refusal("a: &a\n  - *a\n"), HasSubstr("test.yaml:2: an alias stands inside the value"));
}

TEST(Yaml, AnAliasBombIsRefusedBeforeItIsBuilt) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + ", " + before + ", " +
            before + ", " + before + ", " + before + "]\n";
  }
  EXPECT_THAT(Refusal(bomb), HasSubstr("the aliases of this document stand for more than 100000 values"));
}

TEST(Yaml, DeepNestingIsRefusedAndDoesNotEndTheProcess) {
  EXPECT_NE(Refusal(std::string(100'000, '[')), "");
  EXPECT_NE(Refusal(std::string(100'000, '[') + std::string(100'000, ']')), "");
  EXPECT_NE(Refusal(std::string(100'000, '{')), "");
  std::string sequences;
  for (int i = 0; i < 50'000; ++i) sequences += "- ";
  EXPECT_NE(Refusal(sequences + "a"), "");
  EXPECT_EQ(Value("[[[1, 2], [3]], {a: [{b: []}]}]").dump(), "[[[1,2],[3]],{\"a\":[{\"b\":[]}]}]");
}

TEST(Yaml, TheVisitorsErrorEndsTheReading) {
  int documents = 0;
  const Status<> status = VisitYaml("a: 1\n---\nb: 2\n", "test.yaml", [&](int, const json&) -> Status<> {
    ++documents;
    return Fault{"enough"};
  });
  EXPECT_EQ(documents, 1);
  EXPECT_EQ(status.error().message, "enough");
}

TEST(Yaml, ATextThatIsCutAnywhereIsReadOrRefusedByItsLine) {
  const std::string text = "a: &x [1, \"two\", {b: !!str 3}]\nc: *x\nd: |\n  text\n---\n<<: {e: 'f'}\n";
  for (size_t length = 0; length <= text.size(); ++length) {
    EXPECT_THAT(Refusal(text.substr(0, length)), AnyOf("", StartsWith("test.yaml:"))) << length;
  }
}

}  // namespace
}  // namespace tollgate::resource
