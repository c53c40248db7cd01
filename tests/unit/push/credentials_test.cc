// The certificates of the push last as long as they should and open no more than they should.
#include <gtest/gtest.h>

#include "api/base/tls_identity.h"
#include "controller/publish/certificate_check.h"
#include "controller/publish/push_credentials.h"

namespace tollgate::publish {
namespace {

constexpr WallMicros kDay = WallMicros{86'400} * 1'000'000;
const WallMicros kNow = *ParseRfc3339("2026-11-21T09:30:00Z");

class Credentials : public ::testing::Test {
 protected:
  const PemPair authority_ = *MakeAuthority("shop", kNow);
  const PemPair server_ = *IssueServerCertificate(authority_, {"push.tollgate.svc", "10.0.0.7"}, kNow);
  const PemPair client_ = *IssueClientCertificate(authority_, "shop-proxy", kNow);

  std::string Verdict(const PemPair& pair, CertificateRole role, WallMicros now,
                      const std::string& authorities) const {
    const Status<> status = CheckCertificate(pair.certificate, authorities, role, now);
    return status.ok() ? "accepted" : status.error().message;
  }
  std::string Verdict(const PemPair& pair, CertificateRole role, WallMicros now = kNow) const {
    return Verdict(pair, role, now, authority_.certificate);
  }
};

TEST_F(Credentials, EachIsGoodForItsRoleOnly) {
  EXPECT_EQ(Verdict(server_, CertificateRole::kServer), "accepted");
  EXPECT_EQ(Verdict(client_, CertificateRole::kClient), "accepted");
  EXPECT_NE(Verdict(server_, CertificateRole::kClient), "accepted");
  EXPECT_NE(Verdict(client_, CertificateRole::kServer), "accepted");
}

TEST_F(Credentials, TextsFitTogether) {
  EXPECT_TRUE(CheckReadable({server_.certificate, server_.key, authority_.certificate}).ok());
  EXPECT_TRUE(CheckReadable({client_.certificate, client_.key, authority_.certificate}).ok());
  EXPECT_FALSE(CheckReadable({client_.certificate, server_.key, authority_.certificate}).ok());
  EXPECT_FALSE(CheckReadable({client_.certificate, client_.key, ""}).ok());
  EXPECT_FALSE(CheckReadable({"", client_.key, authority_.certificate}).ok());
  EXPECT_FALSE(CheckReadable({client_.certificate, "", authority_.certificate}).ok());
}

TEST_F(Credentials, LastAsLongAsSaid) {
  const Validity authority = *ReadValidity(authority_.certificate);
  const Validity leaf = *ReadValidity(client_.certificate);
  EXPECT_EQ(authority.ends - authority.begins, 3650 * kDay);
  EXPECT_EQ(leaf.ends - leaf.begins, 365 * kDay);
  EXPECT_TRUE(leaf.Covers(kNow));
  EXPECT_TRUE(leaf.Covers(kNow - WallMicros{240} * 1'000'000)) << "clocks of nodes differ by minutes";
  EXPECT_FALSE(leaf.Covers(kNow + 365 * kDay));
  EXPECT_FALSE(leaf.IsDue(kNow + 240 * kDay));
  EXPECT_TRUE(leaf.IsDue(kNow + 245 * kDay));
}

TEST_F(Credentials, TimesAreRightPastTwentyFifty) {
  // RFC 5280, 4.1.2.5: dates from 2050 on are written in another form.
  const WallMicros later = *ParseRfc3339("2049-06-01T00:00:00Z");
  const PemPair authority = *MakeAuthority("shop", later);
  const Validity validity = *ReadValidity(authority.certificate);
  EXPECT_EQ(validity.ends - validity.begins, 3650 * kDay);
  const PemPair client = *IssueClientCertificate(authority, "p", later + 3000 * kDay);
  EXPECT_EQ(Verdict(client, CertificateRole::kClient, later + 3100 * kDay, authority.certificate),
            "accepted");
}

TEST_F(Credentials, ExpiredAndNotYetValidAreSaid) {
  EXPECT_NE(Verdict(client_, CertificateRole::kClient, kNow + 366 * kDay).find("expired"), std::string::npos);
  EXPECT_NE(Verdict(client_, CertificateRole::kClient, kNow - kDay).find("not yet valid"), std::string::npos);
}

TEST_F(Credentials, AnotherAuthorityOfTheSameNameDoesNotVouch) {
  const PemPair other = *MakeAuthority("shop", kNow);
  EXPECT_NE(Verdict(client_, CertificateRole::kClient, kNow, other.certificate), "accepted");
  EXPECT_EQ(Verdict(client_, CertificateRole::kClient, kNow, other.certificate + authority_.certificate),
            "accepted");
  EXPECT_FALSE(IssueClientCertificate({authority_.certificate, other.key}, "p", kNow).ok());
}

TEST_F(Credentials, LeafCannotIssue) {
  const Result<PemPair> forged = IssueClientCertificate(client_, "forged", kNow);
  ASSERT_TRUE(forged.ok());
  EXPECT_NE(Verdict(*forged, CertificateRole::kClient, kNow, authority_.certificate + client_.certificate),
            "accepted");
}

TEST_F(Credentials, NamesAreNamesOrAddresses) {
  for (const std::string bad : {"", "a,DNS:evil.example", "a b", "a\nb", "critical, DNS:x"}) {
    EXPECT_FALSE(IssueServerCertificate(authority_, {bad}, kNow).ok()) << bad;
  }
  EXPECT_FALSE(IssueServerCertificate(authority_, {}, kNow).ok());
  EXPECT_TRUE(IssueServerCertificate(authority_, {"*.push.tollgate.svc", "::1"}, kNow).ok());
  const std::string long_name = std::string(60, 'a') + "." + std::string(60, 'b') + ".svc";
  EXPECT_TRUE(IssueServerCertificate(authority_, {long_name}, kNow).ok()) << "longer than a common name";
}

TEST_F(Credentials, NothingIsMadeTwice) {
  const PemPair again = *IssueClientCertificate(authority_, "shop-proxy", kNow);
  EXPECT_NE(again.key, client_.key);
  EXPECT_NE(again.certificate, client_.certificate);
}

TEST_F(Credentials, UnreadableTextIsSaid) {
  EXPECT_FALSE(ReadValidity("no certificate").ok());
  EXPECT_FALSE(
      CheckCertificate("no certificate", authority_.certificate, CertificateRole::kClient, kNow).ok());
  EXPECT_FALSE(CheckCertificate(client_.certificate, "", CertificateRole::kClient, kNow).ok());
  EXPECT_FALSE(IssueClientCertificate({"", ""}, "p", kNow).ok());
  EXPECT_FALSE(IssueClientCertificate({authority_.certificate, "no key"}, "p", kNow).ok());
}

}  // namespace
}  // namespace tollgate::publish
