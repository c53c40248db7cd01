// The one canonical form of a request target, and what has none.
#include "proxy/http/target.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/kit/heads.h"

namespace tollgate::http {
namespace {

std::string Canonical(std::string_view path) {
  std::string out;
  return AppendCanonicalPath(path, out) ? out : "none";
}

// What a request for `target` is for: "host path?query".
std::string Read(std::string_view method, std::string_view target, std::string_view lines = "Host: a\r\n",
                 int minor = 1) {
  const kit::Request request(method, target, lines, minor);
  Target out;
  const std::string_view fault = ParseTarget(request.head(), out);
  if (!fault.empty()) return "refused: " + std::string(fault);
  const std::string query = out.has_query ? "?" + std::string(out.query) : "";
  return std::string(out.host) + " " + std::string(out.path) + query;
}
std::string Get(std::string_view target) { return Read("GET", target); }

struct Row {
  const char* from;
  const char* to;
};

TEST(CanonicalPath, PlainPathsStay) {
  for (const char* path : {"/", "/a", "/a/", "/a/b.c", "/~a/-._~", "/!$&'()*+,;=:@", "//", "/a//b", "///",
                           "/a...", "/...", "/.a", "/a.", "/..a", "/a/b..", "/.../b"}) {
    EXPECT_EQ(Canonical(path), path);
  }
}

TEST(CanonicalPath, HexIsUpperCase) {
  EXPECT_EQ(Canonical("/%2f%3A%aB"), "/%2F%3A%AB");
  EXPECT_EQ(Canonical("/%c3%a9"), "/%C3%A9");
}

TEST(CanonicalPath, UnreservedIsDecoded) {
  EXPECT_EQ(Canonical("/%41%7a%30%2D%2e%5F%7E"), "/Az0-._~");
  EXPECT_EQ(Canonical("/%7Euser"), "/~user");
}

TEST(CanonicalPath, EveryOctetIsDecodedOrKept) {
  const auto unreserved = [](int c) {
    return c < 128 && (std::isalnum(c) != 0 ||
                       std::string_view("-._~").find(static_cast<char>(c)) != std::string_view::npos);
  };
  for (int octet = 1; octet < 256; ++octet) {
    char escape[8];
    std::snprintf(escape, sizeof escape, "%%%02x", octet);
    char upper[8];
    std::snprintf(upper, sizeof upper, "%%%02X", octet);
    const std::string expected = unreserved(octet) ? std::string(1, static_cast<char>(octet)) : upper;
    EXPECT_EQ(Canonical("/a" + std::string(escape)), "/a" + expected);
  }
}

TEST(CanonicalPath, EncodedSlashesAndBackslashesStayEncoded) {
  EXPECT_EQ(Canonical("/a%2fb"), "/a%2Fb");
  EXPECT_EQ(Canonical("/a%5cb"), "/a%5Cb");
  EXPECT_EQ(Canonical("/..%2f..%2fb"), "/..%2F..%2Fb");
}

TEST(CanonicalPath, EncodedPercentIsNotDecodedTwice) {
  EXPECT_EQ(Canonical("/%252e%252e/a"), "/%252e%252e/a");
  EXPECT_EQ(Canonical("/%2541"), "/%2541");
}

// RFC 3986, section 5.2.4 and the dot segments of section 5.4, as paths.
TEST(CanonicalPath, DotSegmentsAreResolved) {
  for (const auto& [from, to] : std::vector<Row>{{"/a/b/c/./../../g", "/a/g"},
                                                 {"/b/c/d/.", "/b/c/d/"},
                                                 {"/b/c/d/./", "/b/c/d/"},
                                                 {"/b/c/d/..", "/b/c/"},
                                                 {"/b/c/d/../", "/b/c/"},
                                                 {"/b/c/d/../g", "/b/c/g"},
                                                 {"/b/c/d/../..", "/b/"},
                                                 {"/b/c/d/../../", "/b/"},
                                                 {"/b/c/d/../../g", "/b/g"},
                                                 {"/b/c/g/./h", "/b/c/g/h"},
                                                 {"/b/c/g;x=1/./y", "/b/c/g;x=1/y"},
                                                 {"/b/c/g;x=1/../y", "/b/c/y"},
                                                 {"/.", "/"},
                                                 {"/./", "/"},
                                                 {"/a/..", "/"},
                                                 {"/a/../", "/"},
                                                 {"/a/../b", "/b"},
                                                 {"/a//../b", "/a/b"},
                                                 {"//..", "/"},
                                                 {"//../a", "/a"},
                                                 {"/./a", "/a"},
                                                 {"/a/./././b", "/a/b"}}) {
    EXPECT_EQ(Canonical(from), to) << from;
  }
}

TEST(CanonicalPath, EncodedDotSegmentsAreDotSegments) {
  EXPECT_EQ(Canonical("/a/%2e%2E/b"), "/b");
  EXPECT_EQ(Canonical("/a/.%2e/b"), "/b");
  EXPECT_EQ(Canonical("/a/%2e/b"), "/a/b");
  EXPECT_EQ(Canonical("/a/%2E."), "/");
}

TEST(CanonicalPath, NothingReachesAboveTheRoot) {
  for (const char* path : {"/..", "/../", "/../a", "/a/../..", "/a/../../b", "/./..", "/%2e%2e", "/.%2E/a",
                           "/a/b/../../../c", "//../.."}) {
    EXPECT_EQ(Canonical(path), "none") << path;
  }
}

TEST(CanonicalPath, WhatRfc3986HasNoPlaceForIsRefused) {
  for (const char* path : {"",       "a",    "*",    "/%",   "/%4",    "/%4g",   "/%g4",  "/%%41", "/%00",
                           "/a%00b", "/a b", "/a\"", "/<a>", "/a\\b",  "/a^",    "/a`",   "/{a}",  "/a|b",
                           "/[a]",   "/a#b", "/a?b", "/é",   "/a\x7F", "/a\x01", "/a\tb", "/\x80"}) {
    EXPECT_EQ(Canonical(path), "none") << path;
  }
}

TEST(CanonicalPath, IsAppended) {
  std::string out = "/before/";
  EXPECT_TRUE(AppendCanonicalPath("/a/../b", out));
  EXPECT_EQ(out, "/before//b");
  EXPECT_FALSE(AppendCanonicalPath("/..", out)) << "what stood there before is no parent";
}

// Random paths of the pieces that matter.
std::string RandomPath(std::mt19937_64& random) {
  static const std::vector<std::string> pieces = {"/",   "/",   ".",   "..",  "a",     "%2e", "%2E", "%2f",
                                                  "%41", "%5c", "%25", "%c3", "%252e", "b",   "/./", "/../"};
  std::string path = "/";
  for (uint64_t n = random() % 12; n > 0; --n) path += pieces[random() % pieces.size()];
  return path;
}

bool HasDotSegment(const std::string& path) {
  const std::string bounded = path + "/";
  return bounded.find("/./") != std::string::npos || bounded.find("/../") != std::string::npos;
}

TEST(CanonicalPath, CanonicalFormIsItsOwn) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 100'000; ++i) {
    const std::string path = RandomPath(random);
    const std::string canonical = Canonical(path);
    if (canonical == "none") continue;
    ASSERT_EQ(Canonical(canonical), canonical) << path;
    ASSERT_FALSE(HasDotSegment(canonical)) << path << " " << canonical;
    ASSERT_EQ(canonical.front(), '/');
    ASSERT_EQ(Get(path), "a " + canonical);
  }
}

TEST(Target, OriginFormHasPathAndQuery) {
  EXPECT_EQ(Get("/"), "a /");
  EXPECT_EQ(Get("/a/b?c=d&e"), "a /a/b?c=d&e");
  EXPECT_EQ(Get("/a?"), "a /a?");
  EXPECT_EQ(Get("/a?b?c"), "a /a?b?c");
  EXPECT_EQ(Get("//a/b"), "a //a/b");
  EXPECT_EQ(Get("/a/../b?../c"), "a /b?../c");
}

TEST(Target, QueryStaysAsItCame) { EXPECT_EQ(Get("/?a=%41%2f&b=[c]|{d}^`\\"), "a /?a=%41%2f&b=[c]|{d}^`\\"); }

TEST(Target, QueryOutsideTheGrammarIsRefused) {
  for (const char* query : {"%", "%4", "%zz", "%00", "a\"", "<", ">", "#", "\x80", "\x7F", "\t"}) {
    EXPECT_EQ(Get("/?" + std::string(query)), "refused: the query has an octet or escape outside RFC 3986")
        << query;
  }
}

TEST(Target, PathWithoutCanonicalFormIsRefused) {
  for (const char* path : {"/..", "/%", "/%00", "/\"", "/a#b", "/\x80"}) {
    EXPECT_EQ(Get(path), "refused: the path has no canonical form") << path;
  }
}

TEST(Target, AbsoluteFormsHostCounts) {
  EXPECT_EQ(Get("http://B.example/c?d"), "b.example /c?d");
  EXPECT_EQ(Get("HTTPS://b"), "b /");
  EXPECT_EQ(Get("http://b:8080/"), "b /");
  EXPECT_EQ(Get("http://b?c"), "b /?c");
  EXPECT_EQ(Get("http://b/../c"), "refused: the path has no canonical form");
  EXPECT_EQ(Get("http://[::1]:80/"), "[::1] /");
  EXPECT_EQ(Get("http://B.example/x/../c"), "b.example /c");
}

TEST(Target, AbsoluteFormWithoutAHostIsRefused) {
  for (const char* target : {"http://", "http:///a", "http://?a", "http://user@b/", "http://b#c",
                             "http://b:x/", "http://b\\c/", "https://:80/", "http://b%41/"}) {
    EXPECT_EQ(Get(target), "refused: the target's authority is not a host and port") << target;
  }
}

TEST(Target, OtherFormsAreRefused) {
  for (const char* target : {"a", "a/b", "?a", "#a", "ftp://a/", "http:/a", "http:a", "**", "a:80", "%2F"}) {
    EXPECT_EQ(Get(target), "refused: the target has none of the forms of RFC 9112, section 3.2") << target;
  }
}

TEST(Target, AsteriskBelongsToOptions) {
  EXPECT_EQ(Read("OPTIONS", "*"), "a *");
  EXPECT_EQ(Get("*"), "refused: the target \"*\" belongs to OPTIONS alone");
}

TEST(Target, ConnectNamesAHostAndPort) {
  const kit::Request request("CONNECT", "b:443", "Host: a\r\n");
  Target out;
  EXPECT_EQ(ParseTarget(request.head(), out), "");
  EXPECT_EQ(out.form, Target::Form::kAuthority);
  for (const char* target : {"b", "/", "http://b:1/", "*", "b:x", ":1"}) {
    EXPECT_EQ(Read("CONNECT", target), "refused: the target of CONNECT is not a host and port") << target;
  }
}

TEST(Target, HostIsLowerCaseWithoutPortAndDot) {
  EXPECT_EQ(Read("GET", "/", "Host: API.Example.COM:8080\r\n"), "api.example.com /");
  EXPECT_EQ(Read("GET", "/", "Host: api.example.com.\r\n"), "api.example.com /");
  EXPECT_EQ(Read("GET", "/", "Host: API.example.com.:80\r\n"), "api.example.com /");
  EXPECT_EQ(Read("GET", "/", "Host: [2001:DB8::1]:80\r\n"), "[2001:db8::1] /");
  EXPECT_EQ(Read("GET", "/", "Host: [::1]\r\n"), "[::1] /");
  EXPECT_EQ(Read("GET", "/", "Host: a:\r\n"), "a /");
}

TEST(Target, HostAndPathMayBothNeedStorage) {
  // Short and long, so that the storage moves or does not.
  for (const size_t length : {1, 10, 15, 16, 40, 200}) {
    const std::string upper(length, 'A');
    const std::string lower(length, 'a');
    EXPECT_EQ(Read("GET", "/x/../" + upper, "Host: " + upper + "\r\n"), lower + " /" + upper);
    EXPECT_EQ(Read("GET", "/x/..", "Host: " + upper + "\r\n"), lower + " /");
    EXPECT_EQ(Read("GET", "http://" + upper + "/%41/" + upper), lower + " /A/" + upper);
  }
}

TEST(Target, AuthorityStaysAsItCame) {
  const kit::Request request("GET", "/", "Host: API.Example.COM:8080\r\n");
  Target out;
  ASSERT_EQ(ParseTarget(request.head(), out), "");
  EXPECT_EQ(out.authority, "API.Example.COM:8080");
}

TEST(Target, HostIsNeededOnce) {
  EXPECT_EQ(Read("GET", "/", ""), "refused: Host is missing");
  EXPECT_EQ(Read("GET", "http://a/", ""), "refused: Host is missing");
  EXPECT_EQ(Read("GET", "/", "Host: a\r\nhost: a\r\n"), "refused: Host stands more than once");
  EXPECT_EQ(Read("GET", "/", "Host: a\r\nHost: b\r\n", 0), "refused: Host stands more than once");
  EXPECT_EQ(Read("GET", "/", "", 0), " /");
  EXPECT_EQ(Read("GET", "/", "Host:\r\n"), " /");
}

TEST(Target, MalformedHostIsRefused) {
  for (const char* host : {"a b",  "a,b",  "a/b",    "user@a", "a?b",      "a#b",   "a:80:80", "::1",
                           "[::1", "::1]", "[::1]a", "[]",     "[:]",      "[g::]", "a:x",     "a:999999",
                           ":80",  "é",    "a\x80",  "a%41",   "http://a", "a\"",   "a:-1"}) {
    EXPECT_EQ(Read("GET", "/", "Host: " + std::string(host) + "\r\n"), "refused: Host is not a host and port")
        << host;
  }
}

TEST(Authority, NamesAndLiteralsWithPorts) {
  for (const char* text :
       {"a", "a.b-c_d", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::]", "[::1]:80", "a:65535"}) {
    EXPECT_TRUE(IsAuthority(text)) << text;
  }
  EXPECT_TRUE(IsAuthority(std::string(255, 'a')));
  EXPECT_FALSE(IsAuthority(std::string(256, 'a')));
  EXPECT_FALSE(IsAuthority(""));
  EXPECT_FALSE(IsAuthority(":80"));
}

}  // namespace
}  // namespace tollgate::http
