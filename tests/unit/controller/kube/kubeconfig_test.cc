#include "controller/kube/kubeconfig.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/controller/kube/scratch_folder.h"

namespace tollgate::kube {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPath[] = "/home/me/config";

// A file of one context, with what a test puts into its cluster and user (flow style: "token: t").
std::string Kubeconfig(const std::string& cluster, const std::string& user) {
  return "apiVersion: v1\nkind: Config\ncurrent-context: here\n"
         "contexts: [{name: other, context: {cluster: x, user: x}},"
         " {name: here, context: {cluster: prod, user: me, namespace: market}}]\n"
         "clusters: [{name: prod, cluster: {" +
         cluster + "}}]\nusers: [{name: me, user: {" + user + "}}]\n";
}

std::string WithUser(const std::string& user) { return Kubeconfig("server: 'https://10.0.0.1:6443'", user); }

std::string Refusal(const std::string& text) {
  const auto credentials = ParseKubeconfig(text, kPath);
  if (credentials) return "accepted";
  EXPECT_THAT(credentials.error().message, AllOf(HasSubstr(kPath), Not(HasSubstr("\n"))));
  return credentials.error().message;
}

TEST(Kubeconfig, YieldsTheCurrentContext) {
  const auto credentials =
      ParseKubeconfig(Kubeconfig("server: 'https://10.0.0.1:6443/', certificate-authority-data: Y2E=",
                                 "client-certificate-data: Y2VydA==, client-key-data: a2V5"),
                      kPath);
  ASSERT_TRUE(credentials) << credentials.error().message;
  EXPECT_EQ(credentials->server, "https://10.0.0.1:6443");
  EXPECT_EQ(*credentials->authority->Read(), "ca");
  EXPECT_EQ(*credentials->client_certificate->Read(), "cert");
  EXPECT_EQ(*credentials->client_key->Read(), "key");
  EXPECT_FALSE(credentials->token);
  EXPECT_EQ(credentials->space, "market");
  EXPECT_EQ(credentials->source, kPath);
}

TEST(Kubeconfig, LooksForFilesBesideItself) {
  const auto credentials = ParseKubeconfig(
      Kubeconfig("server: 'https://k:1', certificate-authority: pki/ca.crt, tls-server-name: k.example",
                 "client-certificate: /abs/me.crt, client-key: me.key, tokenFile: token"),
      kPath);
  ASSERT_TRUE(credentials) << credentials.error().message;
  EXPECT_EQ(credentials->authority->label(), "/home/me/pki/ca.crt");
  EXPECT_EQ(credentials->client_certificate->label(), "/abs/me.crt");
  EXPECT_EQ(credentials->client_key->label(), "/home/me/me.key");
  EXPECT_EQ(credentials->token->label(), "/home/me/token");
  EXPECT_EQ(credentials->server_name, "k.example");
}

TEST(Kubeconfig, PrefersDataToFilesAndATokenFileToAToken) {
  const auto credentials = ParseKubeconfig(
      Kubeconfig("server: 'https://k', certificate-authority: ca.crt, certificate-authority-data: Y2E=",
                 "token: t, tokenFile: /token"),
      kPath);
  ASSERT_TRUE(credentials) << credentials.error().message;
  EXPECT_EQ(*credentials->authority->Read(), "ca");
  EXPECT_EQ(credentials->token->label(), "/token");
}

TEST(Kubeconfig, ReadsBase64OverSeveralLines) {
  const auto credentials =
      ParseKubeconfig(WithUser("client-certificate-data: 'Y2Vy\n\n  dA==', client-key-data: a2V5"), kPath);
  ASSERT_TRUE(credentials) << credentials.error().message;
  EXPECT_EQ(*credentials->client_certificate->Read(), "cert");
}

TEST(Kubeconfig, RefusesUnverifiedConnections) {
  EXPECT_THAT(Refusal(Kubeconfig("server: 'https://k', insecure-skip-tls-verify: true", "token: t")),
              AllOf(HasSubstr("insecure-skip-tls-verify"), HasSubstr("certificate-authority instead")));
  EXPECT_THAT(Refusal(Kubeconfig("server: 'http://k'", "token: t")), HasSubstr("https://"));
  EXPECT_EQ(Refusal(Kubeconfig("server: 'https://k', insecure-skip-tls-verify: false", "token: t")),
            "accepted");
}

TEST(Kubeconfig, RefusesWhatItWouldHaveToLeaveOut) {
  EXPECT_THAT(Refusal(WithUser("exec: {command: aws}")),
              AllOf(HasSubstr("user \"me\" sets exec"), HasSubstr("tokenFile")));
  EXPECT_THAT(Refusal(WithUser("auth-provider: {name: gcp}")), HasSubstr("auth-provider"));
  EXPECT_THAT(Refusal(WithUser("username: u, password: p")), HasSubstr("passwords"));
  EXPECT_THAT(Refusal(WithUser("token: t, as: root")), HasSubstr("impersonation"));
  EXPECT_THAT(Refusal(Kubeconfig("server: 'https://k', proxy-url: 'http://p'", "token: t")),
              HasSubstr("proxies"));
  EXPECT_EQ(Refusal(WithUser("token: t, exec: null")), "accepted");
}

TEST(Kubeconfig, NamesWhatIsMissing) {
  EXPECT_THAT(Refusal("[]"), HasSubstr("no kubeconfig"));
  EXPECT_THAT(Refusal(""), HasSubstr("no kubeconfig"));
  EXPECT_THAT(Refusal("kind: Config"), HasSubstr("use-context"));
  EXPECT_THAT(Refusal("current-context: a"), HasSubstr("context \"a\""));
  EXPECT_THAT(Refusal("current-context: a\ncontexts: [{name: a, context: {cluster: c}}]"),
              HasSubstr("cluster \"c\""));
  EXPECT_THAT(Refusal("current-context: a\ncontexts: 7"), HasSubstr("contexts must be a list"));
  EXPECT_THAT(Refusal(WithUser("client-certificate: c")), HasSubstr("client-key"));
}

TEST(Kubeconfig, NeverRepeatsASecretInAnError) {
  EXPECT_THAT(Refusal(WithUser("token: [s3cret]")),
              AllOf(HasSubstr("token must be"), Not(HasSubstr("s3cret"))));
  EXPECT_THAT(Refusal(WithUser("client-key-data: 's3cret!', client-certificate: c")),
              AllOf(HasSubstr("not base64"), Not(HasSubstr("s3cret"))));
  EXPECT_THAT(Refusal(WithUser("token: *s3cret")), AllOf(HasSubstr("line 6"), Not(HasSubstr("s3cret"))));
  EXPECT_THAT(Refusal(WithUser("token: 's3cret")), AllOf(HasSubstr("not YAML"), Not(HasSubstr("s3cret"))));
}

TEST(LoadKubeconfig, NamesTheFileThatCannotBeRead) {
  const ScratchFolder folder;
  EXPECT_EQ(
      LoadKubeconfig(folder.At("none")).error().message,
      "Cannot read " + folder.At("none") +
          ": No such file or directory. Name a kubeconfig that this process may read by --kubeconfig; in a "
          "pod, leave the flag out.");
  EXPECT_THAT(
      LoadKubeconfig(folder.path()).error().message,
      AllOf(HasSubstr("Cannot read " + folder.path() + ": Is a directory."), HasSubstr("--kubeconfig")));
  const auto config = folder.Write("config", WithUser("tokenFile: token"));
  EXPECT_EQ(LoadKubeconfig(config).error().message,
            "Cannot read " + folder.At("token") + ": No such file or directory. The kubeconfig " + config +
                " names it: put the file there, or correct the path.");
}

TEST(LoadKubeconfig, SeesARotatedTokenWithoutBeingLoadedAgain) {
  const ScratchFolder folder;
  folder.Write("token", "first");
  const auto credentials = LoadKubeconfig(folder.Write("config", WithUser("tokenFile: token")));
  ASSERT_TRUE(credentials) << credentials.error().message;
  EXPECT_EQ(*credentials->token->Read(), "first");
  folder.Write("token", "second");
  EXPECT_EQ(*credentials->token->Read(), "second");
}

}  // namespace
}  // namespace tollgate::kube
