#include "api/base/json_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

namespace tollgate {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(text, out);
  return out;
}

// What a JSON parser makes of the written string; a note where it is no JSON.
std::string Reread(std::string_view text) {
  const auto parsed = nlohmann::json::parse(Quoted(text), nullptr, false);
  return parsed.is_string() ? parsed.get<std::string>() : "no JSON string: " + Quoted(text);
}

std::string Utf8(uint32_t code_point) {
  const auto part = [](uint32_t bits) { return static_cast<char>(bits); };
  if (code_point < 0x80) return {part(code_point)};
  if (code_point < 0x800) return {part(0xC0 | code_point >> 6), part(0x80 | (code_point & 63))};
  if (code_point < 0x10000) {
    return {part(0xE0 | code_point >> 12), part(0x80 | (code_point >> 6 & 63)),
            part(0x80 | (code_point & 63))};
  }
  return {part(0xF0 | code_point >> 18), part(0x80 | (code_point >> 12 & 63)),
          part(0x80 | (code_point >> 6 & 63)), part(0x80 | (code_point & 63))};
}

std::string Replacements(size_t n) {
  std::string text;
  while (n-- > 0) text += kReplacement;
  return text;
}

TEST(JsonText, PlainTextStaysAsItIs) {
  EXPECT_EQ(Quoted("hello, world"), "\"hello, world\"");
  EXPECT_EQ(Quoted(""), "\"\"");
}

TEST(JsonText, WhatJsonForbidsIsEscaped) {
  EXPECT_EQ(Quoted("a\"b\\c\nd\re\tf"), R"("a\"b\\c\nd\re\tf")");
  EXPECT_EQ(Quoted(std::string_view("\0\x1F\x7F", 3)), R"("\u0000\u001f\u007f")");
}

TEST(JsonText, EveryAsciiCharacterIsReadBack) {
  for (char c = 0; c < 127; ++c) EXPECT_EQ(Reread(std::string(1, c)), std::string(1, c)) << int{c};
}

TEST(JsonText, EveryCodePointIsKept) {
  for (uint32_t code = 0x80; code <= 0x10FFFF; ++code) {
    if (code == 0xD800) code = 0xE000;
    const std::string text = Utf8(code);
    ASSERT_EQ(Quoted(text), "\"" + text + "\"") << code;
  }
}

TEST(JsonText, BytesThatBeginNothingAreReplaced) {
  for (int byte = 0x80; byte <= 0xBF; ++byte)
    EXPECT_EQ(Reread(std::string(1, static_cast<char>(byte))), kReplacement);
  for (int byte = 0xF5; byte <= 0xFF; ++byte)
    EXPECT_EQ(Reread(std::string(1, static_cast<char>(byte))), kReplacement);
}

TEST(JsonText, OverlongFormsAreReplaced) {
  EXPECT_EQ(Reread("\xC0\x80"), Replacements(2));
  EXPECT_EQ(Reread("\xC1\xBF"), Replacements(2));
  EXPECT_EQ(Reread("\xE0\x80\x80"), Replacements(3));
  EXPECT_EQ(Reread("\xE0\x9F\xBF"), Replacements(3));
  EXPECT_EQ(Reread("\xF0\x80\x80\x80"), Replacements(4));
  EXPECT_EQ(Reread("\xF0\x8F\xBF\xBF"), Replacements(4));
}

TEST(JsonText, SurrogatesAreReplaced) {
  EXPECT_EQ(Reread("\xED\xA0\x80"), Replacements(3));
  EXPECT_EQ(Reread("\xED\xBF\xBF"), Replacements(3));
  EXPECT_EQ(Reread("\xED\xA0\xBD\xED\xB8\x80"), Replacements(6));  // CESU-8
}

TEST(JsonText, CodePointsAboveUnicodeAreReplaced) {
  EXPECT_EQ(Reread("\xF4\x90\x80\x80"), Replacements(4));
  EXPECT_EQ(Reread("\xF4\xBF\xBF\xBF"), Replacements(4));
}

TEST(JsonText, SequencesCutShortAreReplaced) {
  for (const std::string whole : {"é", "€", "😀"}) {
    for (size_t n = 1; n < whole.size(); ++n) {
      EXPECT_EQ(Reread(whole.substr(0, n)), Replacements(n)) << "at the end";
      EXPECT_EQ(Reread(whole.substr(0, n) + "a"), Replacements(n) + "a") << "before a letter";
      EXPECT_EQ(Reread(whole.substr(0, n) + whole), Replacements(n) + whole) << "before another";
    }
  }
}

TEST(JsonText, WhateverComesBecomesAJsonString) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes(random() % 24, ' ');
    for (char& byte : bytes) byte = static_cast<char>(random());
    EXPECT_NE(Reread(bytes).rfind("no JSON string", 0), 0U);
  }
}

TEST(JsonText, EscapingAppends) {
  std::string out = "before ";
  AppendJsonEscaped("\"", out);
  EXPECT_EQ(out, "before \\\"");
}

}  // namespace
}  // namespace tollgate
