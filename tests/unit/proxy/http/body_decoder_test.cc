// Bodies out of the bytes that carry them. Every body of the tables is also cut at every byte.
#include "proxy/http/body_decoder.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "proxy/http/characters.h"

namespace tollgate::http {
namespace {

using Status = BodyDecoder::Status;
using namespace std::string_literals;  // NOLINT: for text with zero bytes

constexpr Framing kChunked{Framing::Kind::kChunked, 0};

// Feeds `raw` in pieces that end where `ends` say; says what came out and how it ended.
std::string Decode(Framing framing, std::string_view raw, const std::vector<size_t>& ends) {
  BodyDecoder decoder(framing);
  std::string payload;
  size_t used = 0;
  for (const size_t end : ends) {
    while (true) {
      const BodyDecoder::Step step = decoder.Decode(raw.substr(used, end - used));
      used += step.consumed;
      payload += step.payload;
      EXPECT_EQ(decoder.done(), step.status == Status::kDone);
      if (step.status == Status::kDone) return payload + "|done+" + std::to_string(raw.size() - used);
      if (step.status == Status::kMalformed) return payload + "|malformed";
      if (used == end) break;
      if (step.consumed == 0) return "stands still";
    }
  }
  return payload + (decoder.OnEof() == Status::kDone ? "|end" : "|truncated");
}

std::string Decode(Framing framing, std::string_view raw) {
  const std::string whole = Decode(framing, raw, {raw.size()});
  std::vector<size_t> bytes;
  for (size_t cut = 0; cut <= raw.size(); ++cut) {
    EXPECT_EQ(Decode(framing, raw, {cut, raw.size()}), whole) << "cut at " << cut << " of " << raw;
    bytes.push_back(cut);
  }
  EXPECT_EQ(Decode(framing, raw, bytes), whole) << "byte by byte: " << raw;
  return whole;
}

std::string Chunked(std::string_view raw) { return Decode(kChunked, raw); }

TEST(BodyDecoder, NoBodyIsDoneAtOnce) {
  EXPECT_TRUE(BodyDecoder().done());
  EXPECT_EQ(Decode({}, "next"), "|done+4");
  EXPECT_EQ(Decode({Framing::Kind::kLength, 0}, "next"), "|done+4");
}

TEST(BodyDecoder, LengthTakesExactlySoMany) {
  EXPECT_EQ(Decode({Framing::Kind::kLength, 5}, "hello"), "hello|done+0");
  EXPECT_EQ(Decode({Framing::Kind::kLength, 5}, "hello world"), "hello|done+6");
  EXPECT_EQ(Decode({Framing::Kind::kLength, 6}, "hello"), "hello|truncated");
  EXPECT_EQ(Decode({Framing::Kind::kLength, uint64_t{1} << 62}, "hello"), "hello|truncated");
}

TEST(BodyDecoder, UntilCloseTakesEverything) {
  EXPECT_EQ(Decode({Framing::Kind::kUntilClose, 0}, "0\r\n\r\n"), "0\r\n\r\n|end");
  EXPECT_EQ(Decode({Framing::Kind::kUntilClose, 0}, ""), "|end");
}

TEST(ChunkedBody, ChunksAreJoined) {
  EXPECT_EQ(Chunked("0\r\n\r\n"), "|done+0");
  EXPECT_EQ(Chunked("5\r\nhello\r\n0\r\n\r\n"), "hello|done+0");
  EXPECT_EQ(Chunked("5\r\nhello\r\n6\r\n world\r\n000\r\n\r\nnext"), "hello world|done+4");
  EXPECT_EQ(Chunked("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n"), "01234567890123456789|done+0");
  EXPECT_EQ(Chunked("2\r\n\r\n\r\n0\r\n\r\n"), "\r\n|done+0");
  EXPECT_EQ(Chunked("000000000000001\r\nx\r\n0\r\n\r\n"), "x|done+0");
}

TEST(ChunkedBody, MalformedSizesAreRefused) {
  for (const char* raw :
       {"\r\n", "x\r\n", " 5\r\nhello", "-5\r\nhello", "+5\r\nhello", "0x5\r\nhello", "5 \r\nhello",
        "5\t\r\nhello", "5\nhello", "5\r5", "5\rhello", "\n5\r\n", "5,\r\n", "5\v\r\n", "g\r\n",
        "0000000000000005\r\nhello", "ffffffffffffffff\r\n", "10000000000000000\r\n"}) {
    EXPECT_EQ(Chunked(raw), "|malformed") << raw;
  }
}

TEST(ChunkedBody, LargestSizeIsFifteenDigits) {
  EXPECT_EQ(Chunked("fffffffffffffff\r\nhello"), "hello|truncated");
}

TEST(ChunkedBody, DataEndsInCrLf) {
  for (const char* raw : {"5\r\nhelloX", "5\r\nhello\n", "5\r\nhello\rX", "5\r\nhello0\r\n\r\n",
                          "5\r\nhello world\r\n0\r\n\r\n"}) {
    EXPECT_EQ(Chunked(raw), "hello|malformed") << raw;
  }
}

TEST(ChunkedBody, EndBeforeTheLastLineIsTruncation) {
  const std::string_view whole = "5\r\nhello\r\n0\r\nA: b\r\n\r\n";
  for (size_t n = 0; n < whole.size(); ++n) {
    EXPECT_TRUE(Chunked(whole.substr(0, n)).ends_with("|truncated")) << whole.substr(0, n);
  }
}

TEST(ChunkedBody, ExtensionsAreReadPast) {
  for (const char* extension :
       {";a", ";a=b", ";a=\"b\"", "; a", ";\ta = b", "; a =\t\"b c\"", ";a;b=c;d=\"e\"", ";a=\"\"",
        ";a=\"\\\"\"", ";a=\"\\\\\"", ";a=\"b;c=d\"", ";a=\"\t\x80\xFF\"", ";a ;b", ";a=b ;c", ";a=b\t; c",
        "; some; parameters=stuff", ";a=\"b\" ;c", " ;a", "\t ; a"}) {
    EXPECT_EQ(Chunked("5"s + extension + "\r\nhello\r\n0" + extension + "\r\n\r\n"), "hello|done+0")
        << extension;
  }
}

TEST(ChunkedBody, MalformedExtensionsAreRefused) {
  for (const std::string& extension : {";"s,           ";;"s,
                                       ";a;"s,         ";=b"s,
                                       ";a="s,         ";a=;"s,
                                       ";a= "s,        ";a==b"s,
                                       ";a=b=c"s,      ";a b"s,
                                       ";a=b c"s,      ";a=\"b"s,
                                       ";a=\"b\"c"s,   ";a=\"b\"\"c\""s,
                                       ";a=b\"c\""s,   ";\"a\""s,
                                       ";a=\"\x01\""s, ";a=\"\\\x01\""s,
                                       ";a=\"\r\n\""s, ";a\n"s,
                                       ";a\0"s,        ";a=(b)"s,
                                       ";a,b"s,        ";a "s,
                                       ";a=b "s,       "; "s,
                                       " "s,           " a"s,
                                       ";é"s,          ";a=\"b\" "s,
                                       ";a=\"b\" c"s,  " \t"s}) {
    EXPECT_EQ(Chunked("5" + extension + "\r\nhello\r\n0\r\n\r\n"), "|malformed") << extension;
  }
}

TEST(ChunkedBody, TrailersAreReadPast) {
  EXPECT_EQ(Chunked("0\r\nA: b\r\nC:\r\nD: \x80\t\r\n\r\nnext"), "|done+4");
}

TEST(ChunkedBody, MalformedTrailersAreRefused) {
  for (const std::string& trailer :
       {"A\r\n"s, ": b\r\n"s, " A: b\r\n"s, "A : b\r\n"s, "A: b\n"s, "A: \0\r\n"s, "A: b\rC\r\n"s,
        "A: b\r\n c\r\n"s, "\n"s, "\rX"s, "A\xE9: b\r\n"s}) {
    EXPECT_EQ(Chunked("0\r\n" + trailer + "\r\n"), "|malformed") << trailer;
  }
}

TEST(ChunkedBody, WhatIsReadPastIsBounded) {
  const std::string much(16 * 1024, 'a');
  const Framing framing = kChunked;
  const auto decode = [framing](const std::string& raw) { return Decode(framing, raw, {raw.size()}); };
  EXPECT_EQ(decode("0;" + much.substr(0, 16'000) + "\r\n\r\n"), "|done+0");
  EXPECT_EQ(decode("0;" + much + "\r\n\r\n"), "|malformed");
  EXPECT_EQ(decode("0\r\nA:" + much + "\r\n\r\n"), "|malformed");
  EXPECT_EQ(decode("1;" + much.substr(0, 9'000) + "\r\nx\r\n0\r\nA:" + much.substr(0, 9'000) + "\r\n\r\n"),
            "x|malformed");
}

TEST(ChunkedBody, MalformedStaysMalformed) {
  BodyDecoder decoder(kChunked);
  EXPECT_EQ(decoder.Decode("x").status, Status::kMalformed);
  EXPECT_EQ(decoder.Decode("0\r\n\r\n").status, Status::kMalformed);
  EXPECT_EQ(decoder.OnEof(), Status::kTruncated);
}

TEST(ChunkedBody, WhatWasChunkedComesBack) {
  std::mt19937_64 random(6);
  for (int i = 0; i < 300; ++i) {
    std::string body;
    std::string raw;
    for (uint64_t chunk = random() % 6; chunk > 0; --chunk) {
      std::string data(1 + random() % 40, ' ');
      for (char& c : data) c = static_cast<char>(random());
      char size[20];
      std::snprintf(size, sizeof size, random() % 2 == 0 ? "%zx" : "%04zX", data.size());
      raw += size + "\r\n"s + data + "\r\n";
      body += data;
    }
    EXPECT_EQ(Chunked(raw + "0\r\n\r\n"), body + "|done+0");
  }
}

}  // namespace
}  // namespace tollgate::http
