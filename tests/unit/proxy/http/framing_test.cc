#include "proxy/http/framing.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/kit/heads.h"

namespace tollgate::http {
namespace {

std::string Describe(const FramingResult& result) {
  if (result.status == FramingStatus::kMalformed) return "malformed: " + std::string(result.reason);
  if (result.status == FramingStatus::kUnknownCoding) return "unknown coding";
  switch (result.framing.kind) {
    case Framing::Kind::kNone: return "none";
    case Framing::Kind::kLength: return std::to_string(result.framing.length);
    case Framing::Kind::kChunked: return "chunked";
    case Framing::Kind::kUntilClose: return "until close";
  }
  return "?";
}

std::string OfRequest(std::string_view lines, int minor = 1) {
  const kit::Request request("POST", "/", lines, minor);
  return Describe(RequestFraming(request.head()));
}

std::string OfResponse(int status, std::string_view lines, std::string_view method = "GET", int minor = 1) {
  const kit::Response response(status, lines, minor);
  return Describe(ResponseFraming(response.head(), method));
}

TEST(RequestFraming, LengthChunksOrNothing) {
  EXPECT_EQ(OfRequest(""), "none");
  EXPECT_EQ(OfRequest("Content-Length: 0\r\n"), "none");
  EXPECT_EQ(OfRequest("Content-Length: 5\r\n"), "5");
  EXPECT_EQ(OfRequest("content-LENGTH:\t0005 \r\n"), "5");
  EXPECT_EQ(OfRequest("Transfer-Encoding: chunked\r\n"), "chunked");
  EXPECT_EQ(OfRequest("transfer-ENCODING: Chunked\r\n"), "chunked");
  EXPECT_EQ(OfRequest("Content-Length: 5\r\n", 0), "5");
  EXPECT_EQ(OfRequest("Content-Length: 9876543210\r\n"), "9876543210");
}

TEST(RequestFraming, LengthIsDigitsOnly) {
  for (const char* value : {"", "+5", "-5", "5,5", "5, 5", "5 5", "0x5", "5a", "1e3", "5.0", "\"5\"", "٥",
                            "5;", "9223372036854775808", "18446744073709551616", "99999999999999999999999"}) {
    EXPECT_EQ(OfRequest("Content-Length: " + std::string(value) + "\r\n"),
              "malformed: Content-Length is not a number")
        << value;
  }
}

TEST(RequestFraming, LargestLengthIsTwoToThe62) {
  EXPECT_EQ(OfRequest("Content-Length: 4611686018427387904\r\n"), "4611686018427387904");
  EXPECT_EQ(OfRequest("Content-Length: 4611686018427387905\r\n"),
            "malformed: Content-Length is not a number");
}

TEST(RequestFraming, LengthBesideCodingIsRefused) {
  for (const char* lines : {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                            "Content-Length: 0\r\nTransfer-Encoding: gzip\r\n"}) {
    EXPECT_EQ(OfRequest(lines), "malformed: Content-Length and Transfer-Encoding stand together") << lines;
  }
}

TEST(RequestFraming, RepetitionIsRefusedEvenOfEqualValues) {
  for (const char* lines :
       {"Content-Length: 5\r\nContent-Length: 5\r\n", "Content-Length: 5\r\ncontent-length: 6\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"}) {
    EXPECT_EQ(OfRequest(lines), "malformed: Content-Length or Transfer-Encoding stands more than once");
  }
}

TEST(RequestFraming, CodingsOtherThanChunkedAreNotSpoken) {
  for (const char* value : {"gzip", "gzip, chunked", "chunked, chunked", "chunked, identity", "identity", "",
                            "chunked;q=1", "\"chunked\"", "chunked,", "xchunked", "chunke"}) {
    EXPECT_EQ(OfRequest("Transfer-Encoding: " + std::string(value) + "\r\n"), "unknown coding") << value;
  }
}

TEST(RequestFraming, CodingInHttp10IsRefused) {
  EXPECT_EQ(OfRequest("Transfer-Encoding: chunked\r\n", 0),
            "malformed: Transfer-Encoding stands in an HTTP/1.0 message");
}

TEST(RequestFraming, NamesThatOnlyAnUnderscoreTellsApartAreRefused) {
  for (const char* name : {"Content_Length", "CONTENT_LENGTH", "Transfer_Encoding", "transfer_encoding"}) {
    EXPECT_EQ(OfRequest(std::string(name) + ": 5\r\n"),
              "malformed: a field name differs from a framing field by an underscore only");
  }
  EXPECT_EQ(OfRequest("Content_Lengths: 5\r\nContent-Lengt: 5\r\nX_Content_Length: 5\r\n"), "none");
}

TEST(ResponseFraming, LengthChunksOrUntilClose) {
  EXPECT_EQ(OfResponse(200, "Content-Length: 5\r\n"), "5");
  EXPECT_EQ(OfResponse(200, "Content-Length: 0\r\n"), "0");
  EXPECT_EQ(OfResponse(200, "Transfer-Encoding: chunked\r\n"), "chunked");
  EXPECT_EQ(OfResponse(200, ""), "until close");
  EXPECT_EQ(OfResponse(500, "", "POST", 0), "until close");
}

TEST(ResponseFraming, SomeAnswersHaveNoBody) {
  for (const char* lines : {"", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"}) {
    EXPECT_EQ(OfResponse(200, lines, "HEAD"), "none") << lines;
    EXPECT_EQ(OfResponse(100, lines), "none") << lines;
    EXPECT_EQ(OfResponse(103, lines), "none") << lines;
    EXPECT_EQ(OfResponse(204, lines), "none") << lines;
    EXPECT_EQ(OfResponse(304, lines), "none") << lines;
  }
  EXPECT_EQ(OfResponse(205, "Content-Length: 5\r\n"), "5");
}

TEST(ResponseFraming, ContradictionsAreRefusedWhateverTheStatus) {
  for (const int status : {200, 204, 304}) {
    EXPECT_EQ(OfResponse(status, "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
              "malformed: Content-Length and Transfer-Encoding stand together");
    EXPECT_EQ(OfResponse(status, "Content-Length: 5\r\nContent-Length: 5\r\n"),
              "malformed: Content-Length or Transfer-Encoding stands more than once");
    EXPECT_EQ(OfResponse(status, "Content-Length: x\r\n"), "malformed: Content-Length is not a number");
    EXPECT_EQ(OfResponse(status, "Transfer-Encoding: gzip\r\n"), "unknown coding");
  }
}

bool KeepsAlive(std::string_view lines, int minor = 1) {
  const kit::Request request("GET", "/", lines, minor);
  return http::KeepsAlive(minor, request.fields());
}

TEST(KeepsAlive, Http11DoesUnlessToldOtherwise) {
  EXPECT_TRUE(KeepsAlive(""));
  EXPECT_TRUE(KeepsAlive("Connection: upgrade\r\n"));
  EXPECT_TRUE(KeepsAlive("Connection: closed\r\n"));
  EXPECT_FALSE(KeepsAlive("Connection: Close\r\n"));
  EXPECT_FALSE(KeepsAlive("Connection: a ,\tclose\t, b\r\n"));
  EXPECT_FALSE(KeepsAlive("Connection: keep-alive, close\r\n"));
  EXPECT_FALSE(KeepsAlive("Connection: keep-alive\r\nConnection: close\r\n"));
}

TEST(KeepsAlive, Http10DoesNotUnlessToldSo) {
  EXPECT_FALSE(KeepsAlive("", 0));
  EXPECT_TRUE(KeepsAlive("Connection: Keep-Alive\r\n", 0));
  EXPECT_FALSE(KeepsAlive("Connection: keep-alive, close\r\n", 0));
  EXPECT_FALSE(KeepsAlive("Keep-Alive: timeout=5\r\n", 0));
}

TEST(ListContains, ItemsAreComparedWhole) {
  EXPECT_TRUE(ListContains("a", "A"));
  EXPECT_TRUE(ListContains(" a , b\t,c", "b"));
  EXPECT_TRUE(ListContains(",,c", "c"));
  for (const char* list : {"", "ab", "a b", "ba", ",", "\"a\""})
    EXPECT_FALSE(ListContains(list, "a")) << list;
}

}  // namespace
}  // namespace tollgate::http
