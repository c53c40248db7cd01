#include "controller/publish/push_secrets.h"

#include <gtest/gtest.h>

#include "controller/publish/certificate_check.h"
#include "tests/unit/controller/publish/secret_server.h"

namespace tollgate::publish {
namespace {

constexpr WallMicros kDay = 24LL * 3600 * 1'000'000;
constexpr WallMicros kNow = 20'000 * kDay;
constexpr char kCa[] = "shop-push-ca";
constexpr char kClient[] = "shop-push-client";

class PushSecretsTest : public testing::Test {
 protected:
  SecretServer server_;
  PushSecrets secrets_ = Replica();

  PushSecrets Replica() { return {server_, {"shop", "infra", {"tollgate-push.infra.svc", "127.0.0.1"}}}; }

  PushSecrets ReplicaOf(const SecretOwner& owner) {
    return {server_, {"shop", "infra", {"tollgate-push.infra.svc"}, owner}};
  }
  // The uids of a Secret's owners, with a comma behind each.
  std::string Owners(const std::string& name) {
    std::string uids;
    for (const auto& owner : server_.At(name)["metadata"]["ownerReferences"]) {
      uids += owner["uid"].get<std::string>() + ",";
    }
    return uids;
  }

  TlsIdentity Refresh(WallMicros now) {
    Result<TlsIdentity> identity = secrets_.Refresh(now);
    EXPECT_TRUE(identity) << identity.error().message;
    return identity ? *identity : TlsIdentity{};
  }
  std::string Complaint(WallMicros now = kNow) {
    const Result<TlsIdentity> identity = secrets_.Refresh(now);
    return identity ? "" : identity.error().message;
  }
  // Proxies that read their Secret now and the server with this identity let each other in.
  bool MeetsProxies(const TlsIdentity& identity, WallMicros now) {
    return CheckCertificate(identity.certificate, server_.Value(kClient, "ca.crt"), CertificateRole::kServer,
                            now) &&
           CheckCertificate(server_.Value(kClient, "tls.crt"), identity.authorities, CertificateRole::kClient,
                            now);
  }
};

TEST_F(PushSecretsTest, MakesWhatIsMissing) {
  const TlsIdentity identity = Refresh(kNow);
  EXPECT_TRUE(CheckReadable(identity));
  EXPECT_TRUE(MeetsProxies(identity, kNow));
  EXPECT_EQ(server_.At(kCa)["type"], "kubernetes.io/tls");
  EXPECT_EQ(server_.At(kCa)["metadata"]["labels"]["tollgate.dev/installation"], "shop");
  EXPECT_EQ(server_.Value(kClient, "ca.crt"), identity.authorities);
}

TEST_F(PushSecretsTest, ServersOwnCertificateIsStoredNowhere) {
  const TlsIdentity identity = Refresh(kNow);
  for (const char* name : {kCa, kClient}) {
    EXPECT_EQ(server_.At(name).dump().find(ToBase64(identity.key)), std::string::npos);
  }
}

TEST_F(PushSecretsTest, SecondReplicaReadsWhatTheFirstMade) {
  const TlsIdentity first = Refresh(kNow);
  const int writes = server_.writes;
  const auto second = Replica().Refresh(kNow);
  ASSERT_TRUE(second);
  EXPECT_EQ(server_.writes, writes);
  EXPECT_EQ(second->authorities, first.authorities);
}

TEST_F(PushSecretsTest, ReplicaThatIsTooLateReadsWhatTheOtherMade) {
  server_.before_write = [this] { ASSERT_TRUE(Replica().Refresh(kNow)); };
  const TlsIdentity identity = Refresh(kNow);
  EXPECT_EQ(identity.authorities, server_.Value(kCa, "ca.crt"));
  EXPECT_TRUE(MeetsProxies(identity, kNow));
}

TEST_F(PushSecretsTest, IdentityStaysTheSameUntilItIsDue) {
  const TlsIdentity identity = Refresh(kNow);
  EXPECT_EQ(Refresh(kNow + 200 * kDay), identity);
  EXPECT_NE(Refresh(kNow + 250 * kDay).certificate, identity.certificate);
}

TEST_F(PushSecretsTest, ClientsCertificateIsRenewedInTime) {
  Refresh(kNow);
  const std::string before = server_.Value(kClient, "tls.crt");
  const TlsIdentity identity = Refresh(kNow + 250 * kDay);
  EXPECT_NE(server_.Value(kClient, "tls.crt"), before);
  EXPECT_TRUE(MeetsProxies(identity, kNow + 500 * kDay));
  EXPECT_EQ(server_.Value(kClient, "ca.crt"), identity.authorities);
}

TEST_F(PushSecretsTest, NextAuthorityIsTrustedADayBeforeItIssues) {
  Refresh(kNow);
  const std::string old = server_.Value(kCa, "tls.crt");
  const WallMicros due = kNow + 2'500 * kDay;
  const TlsIdentity announced = Refresh(due);
  EXPECT_EQ(server_.Value(kCa, "tls.crt"), old);
  EXPECT_TRUE(CheckCertificate(announced.certificate, old, CertificateRole::kServer, due))
      << "proxies that have not read the new Secret yet";
  const std::string bundle = server_.Value(kClient, "ca.crt");

  Refresh(due + kDay / 2);
  EXPECT_EQ(server_.Value(kCa, "tls.crt"), old);

  const TlsIdentity turned = Refresh(due + 2 * kDay);
  EXPECT_NE(server_.Value(kCa, "tls.crt"), old);
  EXPECT_EQ(server_.Value(kCa, "next.crt"), "");
  EXPECT_EQ(server_.Value(kCa, "next.key"), "");
  EXPECT_TRUE(CheckCertificate(turned.certificate, bundle, CertificateRole::kServer, due + 2 * kDay));
  EXPECT_TRUE(MeetsProxies(turned, due + 2 * kDay));
}

TEST_F(PushSecretsTest, AuthorityThatExpiredUnnoticedIsMadeAnew) {
  Refresh(kNow);
  const WallMicros late = kNow + 4'000 * kDay;
  EXPECT_TRUE(MeetsProxies(Refresh(late), late));
}

TEST_F(PushSecretsTest, SecretsOfOthersAreUsedAndNotChanged) {
  const PemPair authority = *MakeAuthority("theirs", kNow);
  const PemPair client = *IssueClientCertificate(authority, "proxy", kNow);
  server_.Put(kCa, {{"tls.crt", authority.certificate}, {"tls.key", authority.key}});
  server_.Put(kClient,
              {{"ca.crt", authority.certificate}, {"tls.crt", client.certificate}, {"tls.key", client.key}});
  EXPECT_TRUE(MeetsProxies(Refresh(kNow), kNow));
  EXPECT_EQ(server_.writes, 0);
  Refresh(kNow + 300 * kDay);
  EXPECT_EQ(server_.writes, 0) << "it is theirs to renew";
  EXPECT_NE(Complaint(kNow + 400 * kDay).find("Secret infra/shop-push-client cannot be used"),
            std::string::npos);
}

// An account was deleted and made anew: its uid is another one, and garbage collection takes what the old one
// owned.
TEST_F(PushSecretsTest, SecretsOfAnotherOwnerAreTakenOver) {
  ASSERT_TRUE(ReplicaOf({"controller", "u-1"}).Refresh(kNow));
  const std::string authority = server_.Value(kCa, "tls.crt");
  const std::string key = server_.Value(kClient, "tls.key");
  PushSecrets successor = ReplicaOf({"controller", "u-2"});
  ASSERT_TRUE(successor.Refresh(kNow));
  for (const char* name : {kCa, kClient}) EXPECT_EQ(Owners(name), "u-2,") << name;
  EXPECT_EQ(server_.Value(kCa, "tls.crt"), authority);
  EXPECT_EQ(server_.Value(kClient, "tls.key"), key);
  const int writes = server_.writes;
  ASSERT_TRUE(successor.Refresh(kNow));
  EXPECT_EQ(server_.writes, writes);
}

TEST_F(PushSecretsTest, WhoHasNoAccountLeavesTheOwnerAlone) {
  ASSERT_TRUE(ReplicaOf({"controller", "u-1"}).Refresh(kNow));
  Refresh(kNow);
  EXPECT_EQ(Owners(kCa), "u-1,");
}

TEST_F(PushSecretsTest, SecretsOfOthersGetNoOwner) {
  const PemPair authority = *MakeAuthority("theirs", kNow);
  const PemPair client = *IssueClientCertificate(authority, "proxy", kNow);
  server_.Put(kCa, {{"tls.crt", authority.certificate}, {"tls.key", authority.key}});
  server_.Put(kClient,
              {{"ca.crt", authority.certificate}, {"tls.crt", client.certificate}, {"tls.key", client.key}});
  ASSERT_TRUE(ReplicaOf({"controller", "u-1"}).Refresh(kNow));
  EXPECT_EQ(server_.writes, 0);
}

TEST_F(PushSecretsTest, ADeletedSecretIsMadeAnew) {
  Refresh(kNow);
  for (const char* name : {kCa, kClient}) {
    server_.Delete(name);
    EXPECT_TRUE(MeetsProxies(Refresh(kNow), kNow)) << name;
  }
}

TEST_F(PushSecretsTest, AuthorityOfOthersIsNotTurned) {
  const PemPair authority = *MakeAuthority("theirs", kNow);
  server_.Put(kCa, {{"tls.crt", authority.certificate}, {"tls.key", authority.key}});
  const WallMicros due = kNow + 2'500 * kDay;
  EXPECT_TRUE(MeetsProxies(Refresh(due), due));
  EXPECT_EQ(server_.Value(kCa, "next.crt"), "");
}

TEST_F(PushSecretsTest, SecretOfOthersThatIsOfNoUseIsNamed) {
  server_.Put(kCa, {{"tls.crt", "x"}});
  EXPECT_NE(Complaint().find("Secret infra/shop-push-ca cannot be used"), std::string::npos);
  EXPECT_EQ(server_.writes, 0);
}

TEST_F(PushSecretsTest, MissingRightNamesTheRoleThatIsWanted) {
  server_.read_status = 403;
  EXPECT_NE(Complaint().find("Secret infra/shop-push-ca could not be read"), std::string::npos);
  EXPECT_NE(Complaint().find("get, create and patch on secrets"), std::string::npos);
  server_.read_status = 0;
  server_.write_status = 403;
  EXPECT_NE(Complaint().find("could not be created"), std::string::npos);
}

TEST_F(PushSecretsTest, OtherRefusalsGiveTheServersReason) {
  server_.write_status = 422;
  EXPECT_NE(Complaint().find("422, no"), std::string::npos);
}

TEST_F(PushSecretsTest, SecretThatAlwaysChangesEndsTheTries) {
  server_.write_status = 409;
  EXPECT_NE(Complaint().find("changes faster than it can be written"), std::string::npos);
}

}  // namespace
}  // namespace tollgate::publish
