#include "controller/kube/credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/kube/client.h"
#include "tests/unit/controller/kube/scratch_folder.h"

namespace tollgate::kube {
namespace {

using ::testing::HasSubstr;

class PodAccountTest : public ::testing::Test {
 protected:
  PodAccount Account(const std::string& host) {
    folder_.Write("ca.crt", "ca");
    folder_.Write("token", "token\n");
    folder_.Write("namespace", "tollgate");
    return {host, "443", folder_.path()};
  }

  ScratchFolder folder_;
};

TEST_F(PodAccountTest, IsReadFromTheMountedFolder) {
  const auto own = LoadPodAccount(Account("10.96.0.1"));
  ASSERT_TRUE(own) << own.error().message;
  EXPECT_EQ(own->server, "https://10.96.0.1:443");
  EXPECT_EQ(*own->authority->Read(), "ca");
  EXPECT_EQ(*own->token->Read(), "token\n");
  EXPECT_EQ(own->space, "tollgate");
}

TEST_F(PodAccountTest, IsReachedByNameWhereItsAddressIsIPv6) {
  EXPECT_EQ(LoadPodAccount(Account("fd00::1"))->server, "https://kubernetes.default.svc:443");
}

TEST_F(PodAccountTest, SaysWhatToDoOutsideAPod) {
  EXPECT_THAT(LoadPodAccount({"", "", folder_.path()}).error().message, HasSubstr("--kubeconfig"));
}

TEST_F(PodAccountTest, NamesTheFileThatIsMissingOrEmpty) {
  const PodAccount account = Account("10.96.0.1");
  folder_.Write("token", "");
  EXPECT_THAT(LoadPodAccount(account).error().message, HasSubstr(folder_.At("token") + ": it is empty"));
  std::filesystem::remove(folder_.At("ca.crt"));
  EXPECT_THAT(LoadPodAccount(account).error().message, HasSubstr(folder_.At("ca.crt") + ": No such file"));
}

// What can be said without a server.
class ApiClientTest : public ::testing::Test {
 protected:
  std::string FaultOf(const Credentials& credentials) {
    auto client = ApiClient::Open(credentials);
    if (!client) return client.error().message;
    const auto answer = (*client)->Get("/version");
    return answer ? "answered" : answer.error().message;
  }

  Credentials credentials_{"https://127.0.0.1:1", "", {}, {}, {}, {}, "default", "/config"};
};

TEST_F(ApiClientTest, NamesTheServerThatIsNotThere) {
  EXPECT_EQ(
      FaultOf(credentials_),
      "No answer from the API server at https://127.0.0.1:1: no connection can be made; check that it runs "
      "and that the network lets us through.");
}

TEST_F(ApiClientTest, RefusesAnAddressThatIsNone) {
  credentials_.server = "https://a b";
  EXPECT_THAT(FaultOf(credentials_), HasSubstr("Cannot use /config: its server is no address"));
  credentials_.server = "https://[fd00::1]:6443";
  EXPECT_THAT(FaultOf(credentials_), HasSubstr("give a name"));
}

TEST_F(ApiClientTest, NamesCertificatesThatCannotBeUsed) {
  credentials_.authority = TextSource::Inline("no pem", "certificate-authority-data of X");
  EXPECT_THAT(FaultOf(credentials_),
              HasSubstr("certificate-authority-data of X: it has no certificate in PEM form; put one there"));
}

TEST_F(ApiClientTest, NeverSendsATokenOfSeveralLines) {
  credentials_.token = TextSource::Inline("s3cret\nHost: evil", "token of X");
  EXPECT_EQ(FaultOf(credentials_), "Cannot use token of X: a token of one line is expected.");
}

}  // namespace
}  // namespace tollgate::kube
