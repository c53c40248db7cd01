#include "proxy/http/known_header.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <vector>

#include "proxy/http/hop_by_hop.h"
#include "tests/kit/heads.h"

namespace tollgate::http {
namespace {

const std::vector<std::pair<std::string, KnownHeader>>& Names() {
  using K = KnownHeader;
  static const auto& names = *new std::vector<std::pair<std::string, K>>{
      {"accept-encoding", K::kAcceptEncoding},
      {"age", K::kAge},
      {"authorization", K::kAuthorization},
      {"cache-control", K::kCacheControl},
      {"connection", K::kConnection},
      {"content-encoding", K::kContentEncoding},
      {"content-length", K::kContentLength},
      {"content-type", K::kContentType},
      {"cookie", K::kCookie},
      {"date", K::kDate},
      {"etag", K::kEtag},
      {"expect", K::kExpect},
      {"expires", K::kExpires},
      {"forwarded", K::kForwarded},
      {"host", K::kHost},
      {"if-match", K::kIfMatch},
      {"if-modified-since", K::kIfModifiedSince},
      {"if-none-match", K::kIfNoneMatch},
      {"if-range", K::kIfRange},
      {"if-unmodified-since", K::kIfUnmodifiedSince},
      {"keep-alive", K::kKeepAlive},
      {"last-modified", K::kLastModified},
      {"location", K::kLocation},
      {"pragma", K::kPragma},
      {"proxy-authenticate", K::kProxyAuthenticate},
      {"proxy-authorization", K::kProxyAuthorization},
      {"proxy-connection", K::kProxyConnection},
      {"range", K::kRange},
      {"set-cookie", K::kSetCookie},
      {"te", K::kTe},
      {"x-tollgate-consumer", K::kTollgateConsumer},
      {"x-tollgate-group", K::kTollgateGroup},
      {"x-tollgate-operation", K::kTollgateOperation},
      {"x-tollgate-plan", K::kTollgatePlan},
      {"trailer", K::kTrailer},
      {"transfer-encoding", K::kTransferEncoding},
      {"upgrade", K::kUpgrade},
      {"vary", K::kVary},
      {"via", K::kVia},
      {"x-forwarded-client-cert", K::kXForwardedClientCert},
      {"x-forwarded-for", K::kXForwardedFor},
      {"x-forwarded-host", K::kXForwardedHost},
      {"x-forwarded-proto", K::kXForwardedProto},
      {"x-request-id", K::kXRequestId},
  };
  return names;
}

std::string Upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

TEST(KnownHeader, EveryOneHasItsName) {
  std::set<KnownHeader> named;
  for (const auto& [name, header] : Names()) named.insert(header);
  // They are numbered without a gap, kXRequestId last; kOther has no name.
  EXPECT_EQ(named.size(), static_cast<size_t>(KnownHeader::kXRequestId));
}

TEST(KnownHeader, CaseDoesNotMatter) {
  std::mt19937_64 random(8);
  for (const auto& [name, header] : Names()) {
    EXPECT_EQ(Classify(name), header) << name;
    EXPECT_EQ(Classify(Upper(name)), header) << name;
    for (int i = 0; i < 50; ++i) {
      std::string mixed = name;
      for (char& c : mixed) c = random() % 2 == 0 ? Upper({c})[0] : c;
      EXPECT_EQ(Classify(mixed), header) << mixed;
    }
  }
}

TEST(KnownHeader, NothingElseIsKnown) {
  for (const auto& [name, header] : Names()) {
    for (size_t i = 0; i < name.size(); ++i) {
      std::string other = name;
      other[i] = other[i] == 'q' ? 'w' : 'q';
      EXPECT_EQ(Classify(other), KnownHeader::kOther) << other;
      if (std::isalpha(static_cast<unsigned char>(name[i])) != 0) continue;
      other[i] = static_cast<char>(name[i] ^ 0x20);  // "-" has no other case
      EXPECT_EQ(Classify(other), KnownHeader::kOther) << other;
    }
    EXPECT_EQ(Classify(name + "x"), KnownHeader::kOther);
    EXPECT_EQ(Classify("x" + name), KnownHeader::kOther);
    EXPECT_EQ(Classify(name.substr(1)), KnownHeader::kOther);
    EXPECT_EQ(Classify(name.substr(0, name.size() - 1)), KnownHeader::kOther);
  }
  EXPECT_EQ(Classify(""), KnownHeader::kOther);
}

TEST(KnownHeader, ComparisonIgnoresCaseOfLettersOnly) {
  EXPECT_TRUE(EqualsIgnoringCase("", ""));
  EXPECT_TRUE(EqualsIgnoringCase("aZ-09", "Az-09"));
  EXPECT_FALSE(EqualsIgnoringCase("a", "ab"));
  EXPECT_FALSE(EqualsIgnoringCase("@", "`"));
  EXPECT_FALSE(EqualsIgnoringCase("[", "{"));
  EXPECT_FALSE(EqualsIgnoringCase("\xC9", "\xE9"));
}

std::string Kept(std::string_view lines) {
  const kit::Request request("GET", "/", lines);
  const ConnectionOptions options(request.fields());
  std::string kept;
  for (const Field& field : request.fields()) {
    if (!options.Names(field)) kept += std::string(field.name) + " ";
  }
  return kept;
}

TEST(HopByHop, WellKnownFieldsStayBehind) {
  EXPECT_EQ(Kept("Connection: close\r\nKeep-Alive: 1\r\nProxy-Authenticate: a\r\nProxy-Authorization: b\r\n"
                 "Proxy-Connection: c\r\nTE: trailers\r\nTrailer: d\r\nTransfer-Encoding: chunked\r\n"
                 "Upgrade: e\r\nHost: a\r\nAccept: b\r\nAuthorization: c\r\n"),
            "Host Accept Authorization ");
}

TEST(HopByHop, FieldsNamedByConnectionStayBehind) {
  EXPECT_EQ(Kept("Connection: x-a, keep-alive ,X-B\r\nX-A: 1\r\nx-b: 2\r\nX-C: 3\r\n"), "X-C ");
  EXPECT_EQ(Kept("X-A: 1\r\nConnection: close\r\nConnection: x-a\r\nX-B: 2\r\n"), "X-B ");
  EXPECT_EQ(Kept("Connection: keep-alive\r\nX-A: 1\r\n"), "X-A ");
  EXPECT_EQ(Kept("Connection:\r\nX-A: 1\r\n"), "X-A ");
}

}  // namespace
}  // namespace tollgate::http
