#include "proxy/store/redis/codec.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tollgate::store {
namespace {

using Found = ReplyReader::Found;

std::string Written(const std::vector<std::string_view>& arguments) {
  std::string bytes;
  AppendCommand(bytes, arguments);
  return bytes;
}

// A reply as text: kinds apart, arrays in brackets.
std::string ToText(ReplyView reply) {
  switch (reply.kind()) {
    case ReplyView::Kind::kNil: return "nil";
    case ReplyView::Kind::kStatus: return "status " + std::string(reply.text());
    case ReplyView::Kind::kError: return "error " + std::string(reply.text());
    case ReplyView::Kind::kInteger: return std::to_string(reply.integer());
    case ReplyView::Kind::kText: return "\"" + std::string(reply.text()) + "\"";
    case ReplyView::Kind::kArray: break;
  }
  std::string text = "[";
  for (size_t i = 0; i < reply.size(); ++i) text += (i > 0 ? " " : "") + ToText(reply[i]);
  return text + "]";
}

// All replies that are whole.
std::vector<std::string> TakeAll(ReplyReader& reader) {
  std::vector<std::string> taken;
  while (reader.Next() == Found::kReply) taken.push_back(ToText(reader.reply()));
  return taken;
}

TEST(Codec, ACommandIsItsArgumentsWithTheirLengths) {
  EXPECT_EQ(Written({"GET", "a"}), "*2\r\n$3\r\nGET\r\n$1\r\na\r\n");
}

TEST(Codec, ArgumentsMayHoldAnyBytesAndNone) {
  EXPECT_EQ(Written({"SET", std::string_view("\0\r\n", 3), ""}),
            std::string("*3\r\n$3\r\nSET\r\n$3\r\n\0\r\n\r\n$0\r\n\r\n", 28));
}

TEST(Codec, CommandsFollowOneAnother) {
  std::string bytes = Written({"PING"});
  AppendCommand(bytes, std::vector<std::string_view>{"PING"});
  EXPECT_EQ(bytes, Written({"PING"}) + Written({"PING"}));
}

TEST(Codec, AThousandArgumentsAreOneCommand) {
  const std::string bytes = Written(std::vector<std::string_view>(1'000, "x"));
  EXPECT_TRUE(bytes.starts_with("*1000\r\n"));
  EXPECT_EQ(bytes.size(), 7 + 1'000 * std::string_view("$1\r\nx\r\n").size());
}

TEST(ReplyReader, EveryKindOfReplyIsToldApart) {
  const std::string replies =
      "+OK\r\n-LOADING "
      "wait\r\n:-42\r\n$2\r\n\r\n\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n*3\r\n:1\r\n*1\r\n$1\r\na\r\n$-1\r\n";
  const std::vector<std::string> expected = {
      "status OK", "error LOADING wait", "-42", "\"\r\n\"", "\"\"", "nil", "nil", "[]", "[1 [\"a\"] nil]"};
  ReplyReader reader;
  ASSERT_TRUE(reader.Feed(replies));
  EXPECT_EQ(TakeAll(reader), expected);
}

TEST(ReplyReader, AnErrorIsToldWithoutTheArgumentsThatItRepeats) {
  ReplyReader reader;
  ASSERT_TRUE(
      reader.Feed("-ERR unknown command 'AUTH', with args beginning with: 'secret' \r\n-OOM full\r\n"));
  ASSERT_EQ(reader.Next(), Found::kReply);
  EXPECT_EQ(reader.reply().error(), "ERR unknown command 'AUTH'");
  ASSERT_EQ(reader.Next(), Found::kReply);
  EXPECT_EQ(reader.reply().error(), "OOM full");
}

TEST(ReplyReader, BytesMayComeSplitAnywhere) {
  const std::string replies =
      "*2\r\n$16\r\nabcdefgh\r\nijklmn\r\n:1234567890123\r\n-ERR no\r\n$5\r\nhello\r\n+QUEUED\r\n";
  const std::vector<std::string> expected = {"[\"abcdefgh\r\nijklmn\" 1234567890123]", "error ERR no",
                                             "\"hello\"", "status QUEUED"};
  for (size_t split = 0; split <= replies.size(); ++split) {
    ReplyReader reader;
    ASSERT_TRUE(reader.Feed(replies.substr(0, split)));
    std::vector<std::string> taken = TakeAll(reader);
    ASSERT_TRUE(reader.Feed(replies.substr(split)));
    for (std::string& reply : TakeAll(reader)) taken.push_back(std::move(reply));
    EXPECT_EQ(taken, expected) << "split at " << split;
  }
}

TEST(ReplyReader, BytesMayComeOneByOne) {
  ReplyReader reader;
  std::vector<std::string> taken;
  for (const char byte : std::string("*2\r\n$3\r\nabc\r\n:7\r\n+OK\r\n")) {
    ASSERT_TRUE(reader.Feed({&byte, 1}));
    for (std::string& reply : TakeAll(reader)) taken.push_back(std::move(reply));
  }
  EXPECT_EQ(taken, (std::vector<std::string>{"[\"abc\" 7]", "status OK"}));
}

TEST(ReplyReader, AReplyStaysUntilTheNextIsTaken) {
  ReplyReader reader;
  ASSERT_TRUE(reader.Feed("$5\r\nfirst\r\n"));
  ASSERT_EQ(reader.Next(), Found::kReply);
  const std::string_view text = reader.reply().text();
  ASSERT_TRUE(reader.Feed("$6\r\nsecond\r\n"));
  EXPECT_EQ(text, "first");
}

TEST(ReplyReader, WhatIsNotTheProtocolIsNoticedAndStaysSo) {
  for (const char* nonsense : {"HTTP/1.1 400 Bad Request\r\n\r\n", "$x\r\n", "*2\r\n?\r\n", "\r\n"}) {
    ReplyReader reader;
    (void)reader.Feed(nonsense);
    EXPECT_EQ(reader.Next(), Found::kBroken) << nonsense;
    EXPECT_FALSE(reader.Feed("+OK\r\n")) << nonsense;
  }
}

}  // namespace
}  // namespace tollgate::store
