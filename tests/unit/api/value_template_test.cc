#include "api/value_template.h"

#include <gmock/gmock.h>

namespace tollgate::api {
namespace {

using ::testing::HasSubstr;

// Texts in quotes, variables by their names, those of the path with a "/" before.
std::string Read(std::string_view text) {
  const Result<ValueTemplate> parsed = ValueTemplate::Parse(text);
  if (!parsed) return parsed.error().message;
  std::string pieces;
  for (const ValueTemplate::Piece& piece : parsed->pieces()) {
    if (!pieces.empty()) pieces += ' ';
    if (!piece.variable) pieces += '"' + piece.text + '"';
    if (piece.variable) pieces += (*piece.variable == Variable::kOfPath ? "/" : "") + piece.text;
  }
  return pieces;
}

TEST(ValueTemplate, IsTextsAndVariables) {
  EXPECT_EQ(Read(""), "");
  EXPECT_EQ(Read("plain, llama"), "\"plain, llama\"");
  EXPECT_EQ(Read("{consumer}"), "consumer");
  EXPECT_EQ(Read("a{consumer}b{symbol-1}{requestId}"), "\"a\" consumer \"b\" /symbol-1 requestId");
}

TEST(ValueTemplate, DoubledBracesAreTexts) {
  EXPECT_EQ(Read("{{consumer}}"), "\"{consumer}\"");
  EXPECT_EQ(Read("{{{consumer}}}"), "\"{\" consumer \"}\"");
  EXPECT_EQ(Read("{{}}"), "\"{}\"");
}

TEST(ValueTemplate, LoneBracesAreMistakes) {
  for (const char* text : {"{", "a{", "{}", "{a", "{a b}", "{a{b}", "{rest...}"}) {
    EXPECT_THAT(Read(text), HasSubstr("has a { without")) << text;
  }
  for (const char* text : {"}", "a}", "{{a}", "{a}}"}) {
    EXPECT_THAT(Read(text), HasSubstr("has a } that closes nothing")) << text;
  }
}

TEST(ValueTemplate, PiecesAreFew) {
  std::string text;
  for (size_t i = 0; i < ValueTemplate::kMostPieces; ++i) text += "{host}";
  EXPECT_TRUE(ValueTemplate::Parse(text).ok());
  EXPECT_THAT(Read(text + "."), HasSubstr("more than 64"));
}

}  // namespace
}  // namespace tollgate::api
