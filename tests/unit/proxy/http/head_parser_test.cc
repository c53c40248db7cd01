// Which heads are heads. Every head of the tables is also fed in pieces, cut at every byte.
#include "proxy/http/head_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "proxy/http/characters.h"
#include "tests/kit/heads.h"

namespace tollgate::http {
namespace {

using namespace std::string_literals;  // NOLINT: for text with zero bytes

std::string Describe(const HeadResult& result) {
  switch (result.status) {
    case HeadStatus::kDone: return "done";
    case HeadStatus::kIncomplete: return "incomplete";
    case HeadStatus::kMalformed: return "malformed: " + std::string(result.reason);
    case HeadStatus::kBadVersion: return "version";
    case HeadStatus::kTooManyFields: return "too many fields";
  }
  return "?";
}

// What becomes of a request's head that arrives in pieces which end where `ends` say.
std::string ReadRequest(std::string_view raw, const std::vector<size_t>& ends) {
  HeadScanner scanner;
  for (const size_t end : ends) {
    const HeadResult scan = scanner.Scan(raw.substr(0, end));
    if (scan.status == HeadStatus::kIncomplete) continue;
    if (scan.status != HeadStatus::kDone) return Describe(scan);
    RequestHead head;
    const HeadResult parsed = ParseRequestHead(raw.substr(0, scan.length), head);
    if (parsed.status != HeadStatus::kDone) return Describe(parsed);
    EXPECT_EQ(parsed.length, scan.length);
    return std::string(head.method) + " " + std::string(head.target) + " 1." +
           std::to_string(head.minor_version) + "\n" + kit::ToText(head.fields) + "+" +
           std::to_string(raw.size() - scan.length);
  }
  return "incomplete";
}

std::string ReadRequest(std::string_view raw) {
  const std::string whole = ReadRequest(raw, {raw.size()});
  std::vector<size_t> bytes;
  for (size_t cut = 1; cut <= raw.size(); ++cut) {
    EXPECT_EQ(ReadRequest(raw, {cut, raw.size()}), whole) << "cut at " << cut << " of " << raw;
    bytes.push_back(cut);
  }
  EXPECT_EQ(ReadRequest(raw, bytes), whole) << "byte by byte: " << raw;
  return whole;
}

std::string WithLine(const std::string& line) { return "GET / HTTP/1.1\r\n" + line + "\r\n\r\n"; }

TEST(RequestHead, WellFormedHeadsAreRead) {
  EXPECT_EQ(ReadRequest("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "GET / 1.1\nHost: a\n+0");
  EXPECT_EQ(ReadRequest("GET / HTTP/1.0\r\n\r\n"), "GET / 1.0\n+0");
  EXPECT_EQ(ReadRequest("OPTIONS * HTTP/1.1\r\n\r\n"), "OPTIONS * 1.1\n+0");
  EXPECT_EQ(ReadRequest("CONNECT a:1 HTTP/1.1\r\n\r\n"), "CONNECT a:1 1.1\n+0");
  EXPECT_EQ(ReadRequest("-blargh http://a/?b HTTP/1.1\r\n\r\n"), "-blargh http://a/?b 1.1\n+0");
}

TEST(RequestHead, WhatFollowsIsNotPartOfIt) {
  EXPECT_EQ(ReadRequest("GET / HTTP/1.1\r\n\r\nbody\r\n\r\n"), "GET / 1.1\n+8");
  EXPECT_EQ(ReadRequest("GET / HTTP/1.1\r\n\r\n\n"), "GET / 1.1\n+1");
}

TEST(RequestHead, BlanksAroundAValueAreNoPartOfIt) {
  EXPECT_EQ(ReadRequest(WithLine("A: \t b c \t ")), "GET / 1.1\nA: b c\n+0");
  EXPECT_EQ(ReadRequest(WithLine("A:b")), "GET / 1.1\nA: b\n+0");
  EXPECT_EQ(ReadRequest(WithLine("A:")), "GET / 1.1\nA: \n+0");
  EXPECT_EQ(ReadRequest(WithLine("A:  ")), "GET / 1.1\nA: \n+0");
  EXPECT_EQ(ReadRequest(WithLine("A: b: c:")), "GET / 1.1\nA: b: c:\n+0");
}

TEST(RequestHead, FieldsStayInOrderAndRepeat) {
  EXPECT_EQ(ReadRequest(WithLine("B: 1\r\nA: 2\r\nb: 3")), "GET / 1.1\nB: 1\nA: 2\nb: 3\n+0");
}

TEST(RequestHead, BeginningIsIncomplete) {
  const std::string_view whole = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  for (size_t n = 0; n < whole.size(); ++n) EXPECT_EQ(ReadRequest(whole.substr(0, n)), "incomplete") << n;
}

struct Refused {
  std::string raw;
  std::string why;
};

TEST(RequestHead, MalformedRequestLinesAreRefused) {
  for (const auto& [raw, why] :
       std::vector<Refused>{{"\r\n", "the request line has not three parts"},
                            {"GET /\r\n\r\n", "the request line has not three parts"},
                            {"GET\r\n\r\n", "the request line has not three parts"},
                            {"GET\t/\tHTTP/1.1\r\n\r\n", "the request line has not three parts"},
                            {" GET / HTTP/1.1\r\n\r\n", "the method is not a token"},
                            {"G(T / HTTP/1.1\r\n\r\n", "the method is not a token"},
                            {"G\0T / HTTP/1.1\r\n\r\n"s, "the method is not a token"},
                            {"\r GET / HTTP/1.1\r\n\r\n", "the method is not a token"},
                            {"GET  / HTTP/1.1\r\n\r\n", "the request target is empty or has a space"},
                            {"GET /a b HTTP/1.1\r\n\r\n", "the request target is empty or has a space"},
                            {"GET  HTTP/1.1\r\n\r\n", "the request target is empty or has a space"},
                            {"GET / HTTP/1.1 \r\n\r\n", "the request target is empty or has a space"},
                            {"GET / HTTP/1.1\r\r\n\r\n", "the protocol version is not HTTP/1.x"},
                            {"GET / http/1.1\r\n\r\n", "the protocol version is not HTTP/1.x"},
                            {"GET / HTTP/1.10\r\n\r\n", "the protocol version is not HTTP/1.x"},
                            {"GET / HTTP/11\r\n\r\n", "the protocol version is not HTTP/1.x"},
                            {"GET / HTTP/1,1\r\n\r\n", "the protocol version is not HTTP/1.x"},
                            {"GET / HTTP/1.x\r\n\r\n", "the protocol version is not HTTP/1.x"},
                            {"GET / HTTP/x.1\r\n\r\n", "the protocol version is not HTTP/1.x"},
                            {"GET / HTPT/1.1\r\n\r\n", "the protocol version is not HTTP/1.x"},
                            {"GET / \r\n\r\n", "the protocol version is not HTTP/1.x"}}) {
    EXPECT_EQ(ReadRequest(raw), "malformed: " + why) << raw;
  }
}

TEST(RequestHead, OtherVersionsAreToldApart) {
  for (const char* version : {"HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/3.1", "HTTP/9.9"}) {
    EXPECT_EQ(ReadRequest("GET / "s + version + "\r\n\r\n"), "version") << version;
  }
}

TEST(RequestHead, LinesEndInCrLf) {
  for (const char* raw : {"\n", "GET / HTTP/1.1\n", "GET / HTTP/1.1\n\n", "GET / HTTP/1.1\r\n\n",
                          "GET / HTTP/1.1\r\nHost: a\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\n",
                          "GET / HTTP/1.1\r\nHost: a\nB: c\r\n\r\n"}) {
    EXPECT_EQ(ReadRequest(raw), "malformed: a line ends in a bare LF") << raw;
  }
}

TEST(RequestHead, MalformedFieldLinesAreRefused) {
  const std::string no_token = "a field name is not a token";
  const std::string control = "a field value has a control character";
  for (const auto& [line, why] : std::vector<Refused>{{"Host", "a field line has no colon"},
                                                      {": a", no_token},
                                                      {"Host : a", no_token},
                                                      {"Host\t: a", no_token},
                                                      {" Host: a", no_token},
                                                      {"A: b\r\n c: d", no_token},  // obs-fold
                                                      {"A: b\r\n\tc", no_token},
                                                      {"A: b\r\n ", no_token},
                                                      {"Hö: a", no_token},
                                                      {"A[: b", no_token},
                                                      {"A: b\rc", control},
                                                      {"A: b\r\r", control},
                                                      {"A: \0"s, control},
                                                      {"A: b\x7F", control},
                                                      {"A: \x01", control}}) {
    EXPECT_EQ(ReadRequest(WithLine(line)), "malformed: " + why) << line;
  }
}

// RFC 9110, section 5.6.2, written out a second time.
bool IsTchar(int c) {
  return std::isalnum(c) != 0 ||
         (c != 0 && std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos);
}

TEST(RequestHead, EveryOctetOfANameIsChecked) {
  for (int c = 0; c < 256; ++c) {
    if (c == '\n' || c == ':') continue;
    const std::string read = ReadRequest(WithLine("A"s + static_cast<char>(c) + "b: v"));
    EXPECT_EQ(read.starts_with("GET"), c < 128 && IsTchar(c)) << c << " " << read;
  }
}

TEST(RequestHead, EveryOctetOfAMethodIsChecked) {
  for (int c = 0; c < 256; ++c) {
    if (c == '\n' || c == ' ') continue;
    const std::string read = ReadRequest("G"s + static_cast<char>(c) + " / HTTP/1.1\r\n\r\n");
    EXPECT_EQ(read.starts_with("G"), c < 128 && IsTchar(c)) << c << " " << read;
  }
}

TEST(RequestHead, EveryOctetOfAValueIsChecked) {
  for (int c = 0; c < 256; ++c) {
    if (c == '\n') continue;
    const std::string read = ReadRequest(WithLine("A: b"s + static_cast<char>(c) + "c"));
    EXPECT_EQ(read.starts_with("GET"), c == '\t' || (c >= 0x20 && c != 0x7F)) << c << " " << read;
  }
}

TEST(RequestHead, OneFieldTooManyIsRefused) {
  std::string raw = "GET / HTTP/1.1\r\n";
  for (size_t i = 0; i < Fields::kMax; ++i) raw += "A: b\r\n";
  EXPECT_TRUE(ReadRequest(raw + "\r\n", {raw.size() + 2}).starts_with("GET"));
  EXPECT_EQ(ReadRequest(raw + "A: b\r\n\r\n", {raw.size() + 8}), "too many fields");
}

TEST(RequestHead, ParserForgetsTheHeadBefore) {
  RequestHead head;
  EXPECT_EQ(ParseRequestHead("GET / HTTP/1.1\r\nA: b\r\n\r\n", head).status, HeadStatus::kDone);
  EXPECT_EQ(ParseRequestHead("GET / HTTP/1.1\r\nC: d\r\n\r\n", head).status, HeadStatus::kDone);
  EXPECT_EQ(kit::ToText(head.fields), "C: d\n");
}

TEST(HeadScanner, ResetBeginsAnew) {
  HeadScanner scanner;
  EXPECT_EQ(scanner.Scan("GET / HTTP/1.1\r\nHos").status, HeadStatus::kIncomplete);
  scanner.Reset();
  EXPECT_EQ(scanner.Scan("G / HTTP/1.1\r\n\r\n").length, 16U);
}

TEST(Fields, FirstOfANameIsFound) {
  const kit::Request request("GET", "/", "X-Own: 1\r\nx-own: 2\r\nHOST: a\r\n");
  EXPECT_EQ(request.fields().Find("X-OWN")->value, "1");
  EXPECT_EQ(request.fields().Find(KnownHeader::kHost)->value, "a");
  EXPECT_EQ(request.fields().Value(KnownHeader::kHost), "a");
  EXPECT_EQ(request.fields().Find("absent"), nullptr);
  EXPECT_EQ(request.fields().Find(KnownHeader::kCookie), nullptr);
  EXPECT_EQ(request.fields().Value(KnownHeader::kCookie), "");
}

TEST(Fields, SectionWithoutAStartLineIsRead) {
  Fields fields;
  const HeadResult result = ParseFields("A: b\r\nC: d\r\n\r\n", fields);
  EXPECT_EQ(result.status, HeadStatus::kDone);
  EXPECT_EQ(result.length, 14U);
  EXPECT_EQ(kit::ToText(fields), "A: b\nC: d\n");
}

TEST(Token, IsOneOrMoreTchars) {
  EXPECT_TRUE(IsToken("x-api-key"));
  EXPECT_TRUE(IsToken("!#$%&'*+-.^_`|~09azAZ"));
  for (const char* text : {"", "a b", "a:", "a,b", "(a)", "a\t", "é"}) EXPECT_FALSE(IsToken(text)) << text;
}

}  // namespace
}  // namespace tollgate::http
