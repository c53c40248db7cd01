#include "proxy/http/head_writer.h"

#include <gtest/gtest.h>

#include <random>

namespace tollgate::http {
namespace {

TEST(HeadWriter, RequestsAreWritten) {
  std::string text = "old";
  HeadWriter head(text);
  head.RequestLine("GET", "/a", "b=c", true);
  head.Field("Host", "example.com");
  head.Field("Content-Length", uint64_t{18446744073709551615U});
  head.End();
  EXPECT_EQ(head.text(),
            "GET /a?b=c HTTP/1.1\r\nHost: example.com\r\nContent-Length: 18446744073709551615\r\n\r\n");
}

TEST(HeadWriter, QueryMayBeEmptyOrAbsent) {
  std::string text;
  HeadWriter(text).RequestLine("GET", "/a", "", true);
  EXPECT_EQ(text, "GET /a? HTTP/1.1\r\n");
  HeadWriter(text).RequestLine("GET", "/a", "", false);
  EXPECT_EQ(text, "GET /a HTTP/1.1\r\n");
}

TEST(HeadWriter, StatusLinesAreWritten) {
  std::string text;
  HeadWriter head(text);
  head.StatusLine(404, ReasonPhrase(404));
  head.End();
  EXPECT_EQ(head.text(), "HTTP/1.1 404 Not Found\r\n\r\n");
}

// RFC 9110, section 15, with RFC 6585 and RFC 8297.
TEST(ReasonPhrase, EveryRegisteredCodeHasOne) {
  for (const int status : {100, 101, 103, 200, 201, 202, 203, 204, 205, 206, 300, 301, 302, 303, 304, 305,
                           307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413,
                           414, 415, 416, 417, 421, 422, 426, 428, 429, 431, 500, 501, 502, 503, 504, 505}) {
    EXPECT_NE(ReasonPhrase(status), "Unknown") << status;
  }
  EXPECT_EQ(ReasonPhrase(201), "Created");
  EXPECT_EQ(ReasonPhrase(206), "Partial Content");
  EXPECT_EQ(ReasonPhrase(412), "Precondition Failed");
  for (const int status : {0, 99, 199, 299, 418, 599}) EXPECT_EQ(ReasonPhrase(status), "Unknown") << status;
}

constexpr int64_t kExample = 784'111'777;  // of RFC 9110, section 5.6.7

int64_t ReadDate(std::string_view text) {
  int64_t seconds = -1;
  return ParseHttpDate(text, seconds) ? seconds : -1;
}

TEST(HttpDate, FixdateIsWritten) {
  EXPECT_EQ(FormatHttpDate(kExample), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(FormatHttpDate(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(FormatHttpDate(951'782'400), "Tue, 29 Feb 2000 00:00:00 GMT");
}

TEST(HttpDate, AllThreeFormsAreRead) {
  EXPECT_EQ(ReadDate("Sun, 06 Nov 1994 08:49:37 GMT"), kExample);
  EXPECT_EQ(ReadDate("Sunday, 06-Nov-94 08:49:37 GMT"), kExample);
  EXPECT_EQ(ReadDate("Sun Nov  6 08:49:37 1994"), kExample);
}

TEST(HttpDate, NothingElseIsRead) {
  for (const char* text :
       {"", "0", "-1", "Sun, 06 Nov 1994", "1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 GMT ", "784111777",
        "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 36 Nov 1994 08:49:37 GMT"}) {
    EXPECT_EQ(ReadDate(text), -1) << text;
  }
}

TEST(HttpDate, WhatIsWrittenIsReadBack) {
  std::mt19937_64 random(9);
  for (int i = 0; i < 10'000; ++i) {
    const auto seconds = static_cast<int64_t>(random() % 253'402'300'800);
    EXPECT_EQ(ReadDate(FormatHttpDate(seconds)), seconds);
  }
}

}  // namespace
}  // namespace tollgate::http
