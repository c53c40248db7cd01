#include "proxy/cache/shared_form.h"

#include <gtest/gtest.h>

#include "proxy/cache/stored_head.h"
#include "tests/unit/proxy/cache/cache_kit.h"

namespace tollgate::cache {
namespace {

using Kind = SharedForm::Kind;

constexpr std::string_view kKey("a key\0of any bytes", 18);

// An answer with every part that an answer can have.
std::unique_ptr<StoredResponse> AnAnswer() {
  auto answer = std::make_unique<StoredResponse>();
  StoreHead(HeadOf(Reply{.headers = {{"Content-Type", "text/plain"},
                                     {"ETag", "\"7\""},
                                     {"Last-Modified", std::string(kNowText)},
                                     {"X-Empty", ""},
                                     {"X-Latin", "caf\xe9: 1"},
                                     {"Vary", "Accept, Accept-Language"}},
                         .status = 404})
                .head,
            kNow, *answer);
  answer->freshness = {kNow, 5 * kSecond, 60 * kSecond, true};
  answer->vary = {{"accept", "text/plain"}, {"accept-language", std::nullopt}};
  answer->body = std::string("a body\0of any bytes", 19);
  return answer;
}

Kind KindOf(std::string_view bytes, std::string_view key = kKey) { return ReadShared(bytes, key).kind; }

// A value as somebody else might have written it: well sealed, but of an answer that none is.
Kind KindOfLines(const std::string& lines, size_t not_modified = 0) {
  StoredResponse answer;
  answer.status = 200;
  answer.lines = lines;
  answer.not_modified_fields = not_modified;
  return KindOf(WriteAnswer(kKey, answer));
}

TEST(SharedForm, AnAnswerComesBackAsItWas) {
  const auto written = AnAnswer();
  const SharedForm form = ReadShared(WriteAnswer(kKey, *written), kKey);
  ASSERT_EQ(form.kind, Kind::kAnswer);
  const StoredResponse& read = *form.answer;
  EXPECT_EQ(read.status, 404);
  EXPECT_EQ(read.lines, written->lines);
  EXPECT_EQ(read.body, written->body);
  EXPECT_EQ(read.vary, written->vary);
  EXPECT_EQ(read.modified, written->modified);
  EXPECT_EQ(read.freshness.lifetime, 60 * kSecond);
  EXPECT_TRUE(read.freshness.never_stale);
}

TEST(SharedForm, ItsFieldsAreSlicesOfItsOwnLines) {
  const auto written = AnAnswer();
  const SharedForm form = ReadShared(WriteAnswer(kKey, *written), kKey);
  ASSERT_EQ(form.kind, Kind::kAnswer);
  const StoredResponse& read = *form.answer;
  ASSERT_EQ(read.fields.size(), written->fields.size());
  for (size_t i = 0; i < read.fields.size(); ++i) {
    EXPECT_EQ(read.fields[i].name, written->fields[i].name);
    EXPECT_EQ(read.fields[i].value, written->fields[i].value);
    EXPECT_EQ(read.fields[i].known, written->fields[i].known);
    EXPECT_GE(read.fields[i].name.data(), read.lines.data());
    EXPECT_LE(read.fields[i].value.data(), read.lines.data() + read.lines.size());
  }
  EXPECT_EQ(read.etag, "\"7\"");
  EXPECT_EQ(read.not_modified_fields, written->not_modified_fields);
  EXPECT_EQ(read.not_modified_bytes, written->not_modified_bytes);
}

TEST(SharedForm, NamesComeBackAsTheyWere) {
  const std::vector<VaryValue> vary = {{"accept", "x"}, {"x-n", std::nullopt}};
  const SharedForm form = ReadShared(WriteNames(kKey, vary), kKey);
  ASSERT_EQ(form.kind, Kind::kNames);
  EXPECT_EQ(form.names, (std::vector<std::string>{"accept", "x-n"}));
}

TEST(SharedForm, WhatIsOfAnotherKeyIsNothing) {
  EXPECT_EQ(KindOf(WriteAnswer(kKey, *AnAnswer()), "another key"), Kind::kNothing);
  EXPECT_EQ(KindOf(WriteAnswer(kKey, *AnAnswer()), kKey.substr(0, 5)), Kind::kNothing);
  EXPECT_EQ(KindOf(WriteNames(kKey, {{"accept", "x"}}), "another key"), Kind::kNothing);
}

TEST(SharedForm, EveryTruncationIsDamage) {
  const std::string answer = WriteAnswer(kKey, *AnAnswer());
  for (size_t size = 0; size < answer.size(); ++size) {
    EXPECT_EQ(KindOf(answer.substr(0, size)), Kind::kDamaged) << size << " of " << answer.size() << " bytes";
  }
  EXPECT_EQ(KindOf(answer + '\0'), Kind::kDamaged);
}

TEST(SharedForm, EveryChangedBitIsDamage) {
  std::string answer = WriteAnswer(kKey, *AnAnswer());
  for (size_t at = 0; at < answer.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      answer[at] = static_cast<char>(answer[at] ^ 1 << bit);
      EXPECT_EQ(KindOf(answer), Kind::kDamaged) << "bit " << bit << " of byte " << at;
      answer[at] = static_cast<char>(answer[at] ^ 1 << bit);
    }
  }
}

TEST(SharedForm, AnotherVersionIsDamageToThisOne) {
  std::string answer = WriteAnswer(kKey, *AnAnswer());
  ++answer[3];
  EXPECT_EQ(KindOf(answer), Kind::kDamaged);
}

TEST(SharedForm, LinesThatNoHeadHasAreDamage) {
  EXPECT_EQ(KindOfLines("a: b\r\n"), Kind::kAnswer);
  for (const char* lines : {"a: b", "a: b\r\nc", ": b\r\n", "a b: c\r\n", "a:b\r\n", "a: b\rc\r\n",
                            "a: b\nc: d\r\n", "\r\n", "a: b\r\n\r\n", "a: \x01\r\n"}) {
    EXPECT_EQ(KindOfLines(lines), Kind::kDamaged) << lines;
  }
}

TEST(SharedForm, MoreFieldsThanAHeadMayHaveAreDamage) {
  std::string lines;
  for (size_t i = 0; i < http::Fields::kMax; ++i) lines += "a: b\r\n";
  EXPECT_EQ(KindOfLines(lines), Kind::kAnswer);
  EXPECT_EQ(KindOfLines(lines + "a: b\r\n"), Kind::kDamaged);
}

TEST(SharedForm, MoreFieldsOfA304ThanThereAreIsDamage) {
  EXPECT_EQ(KindOfLines("a: b\r\n", 1), Kind::kAnswer);
  EXPECT_EQ(KindOfLines("a: b\r\n", 2), Kind::kDamaged);
}

TEST(SharedForm, AnAnswerThatIsNotFinalIsDamage) {
  const auto answer = AnAnswer();
  for (const int status : {0, 103, 199, 1000, -1}) {
    answer->status = status;
    EXPECT_EQ(KindOf(WriteAnswer(kKey, *answer)), Kind::kDamaged) << status;
  }
}

TEST(SharedForm, NoNamesOrTooManyAreDamage) {
  EXPECT_EQ(KindOf(WriteNames(kKey, {})), Kind::kDamaged);
  EXPECT_EQ(KindOf(WriteNames(kKey, std::vector<VaryValue>(17, {"a", std::nullopt}))), Kind::kDamaged);
}

}  // namespace
}  // namespace tollgate::cache
