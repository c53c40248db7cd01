#include <gtest/gtest.h>

#include "controller/publish/push_secrets.h"
#include "tests/kit/temp_folder.h"

namespace tollgate::publish {
namespace {

constexpr WallMicros kDay = 24LL * 3600 * 1'000'000;
constexpr WallMicros kNow = 20'000 * kDay;

class PushFolderTest : public testing::Test {
 protected:
  kit::TempFolder folder_;
  const PemPair authority_ = *MakeAuthority("shop", kNow);
  const PemPair server_ = *IssueServerCertificate(authority_, {"localhost"}, kNow);

  void SetUp() override {
    folder_.Write("ca.crt", authority_.certificate);
    folder_.Write("tls.crt", server_.certificate);
    folder_.Write("tls.key", server_.key);
  }
  std::string Complaint(WallMicros now = kNow) {
    const auto identity = ReadPushFolder(folder_.path(), now);
    return identity ? "" : identity.error().message;
  }
};

TEST_F(PushFolderTest, ReadsTheThreeFiles) {
  const auto identity = ReadPushFolder(folder_.path(), kNow);
  ASSERT_TRUE(identity);
  EXPECT_EQ(*identity, (TlsIdentity{server_.certificate, server_.key, authority_.certificate}));
}

TEST_F(PushFolderTest, MissingFileIsNamed) {
  folder_.Remove("tls.key");
  EXPECT_NE(Complaint().find(folder_ / "tls.key"), std::string::npos);
}

TEST_F(PushFolderTest, KeyOfAnotherCertificateIsRefusedWithoutShowingIt) {
  folder_.Write("tls.key", authority_.key);
  EXPECT_NE(Complaint().find(folder_.path()), std::string::npos);
  EXPECT_EQ(Complaint().find("PRIVATE"), std::string::npos);
}

TEST_F(PushFolderTest, ExpiredCertificateIsRefusedWithItsTime) {
  EXPECT_NE(Complaint(kNow + 400 * kDay).find("tls.crt is valid from"), std::string::npos);
}

}  // namespace
}  // namespace tollgate::publish
