#include <gtest/gtest.h>

#include <string>

#include "proxy/http/head_parser.h"
#include "tests/kit/heads.h"

namespace tollgate::http {
namespace {

std::string ReadResponse(const std::string& raw) {
  ResponseHead head;
  const HeadResult parsed = ParseResponseHead(raw, head);
  if (parsed.status == HeadStatus::kTooManyFields) return "too many fields";
  if (parsed.status != HeadStatus::kDone) return "refused: " + std::string(parsed.reason);
  EXPECT_EQ(parsed.length, raw.size());
  return "1." + std::to_string(head.minor_version) + " " + std::to_string(head.status) + " \"" +
         std::string(head.reason) + "\"\n" + kit::ToText(head.fields);
}

TEST(ResponseHead, WellFormedHeadsAreRead) {
  EXPECT_EQ(ReadResponse("HTTP/1.1 200 OK\r\nAge: 1\r\n\r\n"), "1.1 200 \"OK\"\nAge: 1\n");
  EXPECT_EQ(ReadResponse("HTTP/1.0 404 Not Found\r\n\r\n"), "1.0 404 \"Not Found\"\n");
  EXPECT_EQ(ReadResponse("HTTP/1.1 100 Continue\r\n\r\n"), "1.1 100 \"Continue\"\n");
  EXPECT_EQ(ReadResponse("HTTP/1.1 599 ?\r\n\r\n"), "1.1 599 \"?\"\n");
}

TEST(ResponseHead, ReasonMayBeAbsent) {
  EXPECT_EQ(ReadResponse("HTTP/1.1 200 \r\n\r\n"), "1.1 200 \"\"\n");
  EXPECT_EQ(ReadResponse("HTTP/1.1 200\r\n\r\n"), "1.1 200 \"\"\n");
}

TEST(ResponseHead, ReasonMayHoldBlanksAndObsText) {
  EXPECT_EQ(ReadResponse("HTTP/1.1 200  a\tb\xE9\r\n\r\n"), "1.1 200 \" a\tb\xE9\"\n");
}

TEST(ResponseHead, MalformedStatusLinesAreRefused) {
  for (const char* line : {"", "HTTP/1.1", "HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/1.1  200", "HTTP/1.1 2x0 OK",
                           "HTTP/1.1\t200 OK", "HTTP/1.1 200OK", " HTTP/1.1 200 OK", "200 OK"}) {
    EXPECT_EQ(ReadResponse(std::string(line) + "\r\n\r\n"), "refused: the status line is malformed") << line;
  }
}

TEST(ResponseHead, StatusIsFrom100To599) {
  for (const char* status : {"000", "099", "600", "999"}) {
    EXPECT_EQ(ReadResponse("HTTP/1.1 " + std::string(status) + " ?\r\n\r\n"),
              "refused: the status code is out of range");
  }
}

TEST(ResponseHead, OtherVersionsAreRefused) {
  for (const char* version : {"HTTP/2.0", "HTTP/0.9", "http/1.1", "HTTP/1.2", "ICY /1.0"}) {
    EXPECT_EQ(ReadResponse(std::string(version) + " 200 OK\r\n\r\n"),
              "refused: the protocol version is not HTTP/1.x")
        << version;
  }
}

TEST(ResponseHead, ControlCharactersInTheReasonAreRefused) {
  EXPECT_EQ(ReadResponse("HTTP/1.1 200 a\rb\r\n\r\n"), "refused: the reason phrase has a control character");
  EXPECT_EQ(ReadResponse("HTTP/1.1 200 \x7F\r\n\r\n"), "refused: the reason phrase has a control character");
}

TEST(ResponseHead, FieldLinesFollowTheRulesOfRequests) {
  EXPECT_EQ(ReadResponse("HTTP/1.1 200 OK\r\nAge : 1\r\n\r\n"), "refused: a field name is not a token");
  EXPECT_EQ(ReadResponse("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n"), "refused: a field name is not a token");
  std::string raw = "HTTP/1.1 200 OK\r\n";
  for (size_t i = 0; i <= Fields::kMax; ++i) raw += "A: b\r\n";
  EXPECT_EQ(ReadResponse(raw + "\r\n"), "too many fields");
}

}  // namespace
}  // namespace tollgate::http
