#include "controller/kube/json_slice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tollgate::kube {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Elements(std::string_view array) {
  std::vector<std::string> elements;
  EXPECT_TRUE(ForEachJsonElement(array, [&](std::string_view e) { elements.emplace_back(e); })) << array;
  return elements;
}

TEST(JsonMember, ReturnsTheTextOfAMemberOfAnyType) {
  const std::string_view object = R"( {"a": {"x":[1,{}]}, "b" :[], "c":"t", "d":-1.5e3, "e":null,"f":true} )";
  EXPECT_EQ(JsonMember(object, "a"), R"({"x":[1,{}]})");
  EXPECT_EQ(JsonMember(object, "b"), "[]");
  EXPECT_EQ(JsonMember(object, "c"), R"("t")");
  EXPECT_EQ(JsonMember(object, "d"), "-1.5e3");
  EXPECT_EQ(JsonMember(object, "e"), "null");
  EXPECT_EQ(JsonMember(object, "f"), "true");
}

TEST(JsonMember, LooksAtTheObjectItselfAndNotInsideItsMembers) {
  const std::string_view object = R"({"outer":{"name":"inner"},"text":"\"name\":1","name":"own"})";
  EXPECT_EQ(JsonMember(object, "name"), R"("own")");
  EXPECT_EQ(JsonMember(R"({"outer":{"name":"inner"}})", "name"), std::nullopt);
}

TEST(JsonMember, IsNotMisledByBracketsQuotesAndBackslashesInStrings) {
  const std::string_view object = R"({"a":"}]\"\\","b":{"c":"{[\\\""},"d":1})";
  EXPECT_EQ(JsonMember(object, "b"), R"({"c":"{[\\\""})");
  EXPECT_EQ(JsonMember(object, "d"), "1");
}

TEST(JsonMember, FindsNothingInWhatIsNoObject) {
  for (const std::string_view text :
       {"", " ", "[]", "1", "\"a\"", "{}", "{", "{\"a\"", "{\"a\":", "{\"a\":\"", "{a:1}"}) {
    EXPECT_EQ(JsonMember(text, "a"), std::nullopt) << text;
  }
}

TEST(JsonMember, EndsOnEveryTruncationOfATextWithoutReadingPastIt) {
  const std::string object = R"({"a":{"b":["c\\",{"d":"e\""}]},"z":[1,2]})";
  for (size_t size = 0; size < object.size(); ++size) {
    // A copy of just that size, so that a sanitizer sees a byte too many.
    const std::vector<char> copy(object.begin(), object.begin() + static_cast<std::ptrdiff_t>(size));
    const std::string_view cut(copy.data(), copy.size());
    EXPECT_EQ(JsonMember(cut, "none"), std::nullopt);
    EXPECT_FALSE(JsonMember(cut, "z").has_value() && size + 1 < object.size()) << cut;
  }
}

TEST(JsonMember, WalksThroughAnyDepthWithoutAStack) {
  const size_t depth = 1'000'000;
  const std::string deep = "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + ",\"b\":1}";
  EXPECT_EQ(JsonMember(deep, "b"), "1");
}

TEST(ForEachJsonElement, YieldsTheTextOfEach) {
  EXPECT_THAT(Elements(R"([ {"a":[1,2]} , "x,y" ,3,[4,[5]] ])"),
              ElementsAre(R"({"a":[1,2]})", R"("x,y")", "3", "[4,[5]]"));
  EXPECT_THAT(Elements("[]"), IsEmpty());
  EXPECT_THAT(Elements(" [ ] "), IsEmpty());
}

TEST(ForEachJsonElement, SaysSoWhereTheArrayIsNoneOrCutOff) {
  for (const std::string_view text : {"", "{}", "null", "[", "[1", "[1,", "[1,]", "[{\"a\":1", "[1 2]"}) {
    EXPECT_FALSE(ForEachJsonElement(text, [](std::string_view) {})) << text;
  }
}

TEST(PlainJsonString, TakesStringsWithoutEscapesOnly) {
  EXPECT_EQ(PlainJsonString("\"12345\""), "12345");
  EXPECT_EQ(PlainJsonString("\"\""), "");
  for (const std::string_view text : {"", "\"", "12", "\"a\\nb\"", "null"}) {
    EXPECT_EQ(PlainJsonString(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace tollgate::kube
