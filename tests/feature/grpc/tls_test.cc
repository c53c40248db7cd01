// Servers of gRPC over TLS: they prove who they are and speak HTTP/2, or nothing is sent to them.

#include <gmock/gmock.h>

#include "tests/feature/grpc/grpc_case.h"
#include "tests/kit/certificate.h"
#include "tests/kit/tls_upstream.h"

namespace tollgate::test {
namespace {

using grpc::StatusCode;
using testing::HasSubstr;
using testing::StartsWith;

const kit::Certificate& Authority() {
  static const auto& authority = *new kit::Certificate(kit::MakeAuthority("ours"));
  return authority;
}

kit::Certificate ServerCertificate() { return kit::Issue(Authority(), "server", {"echo.test.svc"}); }

// Callers may have to show a certificate that the authority has signed.
std::shared_ptr<grpc::ServerCredentials> Credentials(bool asks) {
  const kit::Certificate own = ServerCertificate();
  grpc::SslServerCredentialsOptions options(asks ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                                 : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  options.pem_key_cert_pairs.push_back({own.key, own.chain});
  if (asks) options.pem_root_certs = Authority().chain;
  return grpc::SslServerCredentials(options);
}

class GrpcTls : public GrpcCase {
 protected:
  GrpcTls() { gateway_.Write("ca.yaml", kit::AuthorityMap("test", "ca", Authority())); }
  static std::string TlsRoute(const std::string& tls) {
    return Route("targets: [{serviceRef: {name: echo, port: http}, protocol: GRPCS, tls: {" + tls + "}}]");
  }
  void ServeFrom(int port, const std::string& tls) {
    gateway_.WriteService("test", "echo", port).Write("route.yaml", TlsRoute(tls));
    ASSERT_TRUE(gateway_.Start({"--threads=1"})) << gateway_.Stderr();
    stub_ = Echo::NewStub(Channel());
  }
  // The log says why, and the caller is not told.
  void ExpectRefused(const std::string& reason) {
    const grpc::Status status = Unary(Say("x"));
    EXPECT_EQ(status.error_code(), StatusCode::UNAVAILABLE);
    EXPECT_THAT(status.error_message(), StartsWith("upstream-connect: "));
    EXPECT_TRUE(Logged("\"reason\":\"" + reason + "\"")) << gateway_.AccessLog();
  }
};

constexpr char kTrust[] = "caCertificateRefs: [{kind: ConfigMap, name: ca}]";

TEST_F(GrpcTls, CallsGoToAServerThatProvesItself) {
  EchoServer server(Credentials(false));
  ServeFrom(server.port(), kTrust);
  for (int i = 0; i < 3; ++i) {
    const grpc::Status status = Unary(Say("hello"));
    EXPECT_TRUE(status.ok()) << status.error_message() << gateway_.AccessLog();
  }
  EXPECT_EQ(server.begun(), 3);
}

TEST_F(GrpcTls, OurCertificateIsShown) {
  EchoServer server(Credentials(true));
  gateway_.Write("me.yaml", kit::TlsSecret("test", "me", kit::Issue(Authority(), "gateway", {})));
  ServeFrom(server.port(), std::string(kTrust) + ", clientCertificateRef: {name: me}");
  const grpc::Status status = Unary(Say("hello"));
  EXPECT_TRUE(status.ok()) << status.error_message() << gateway_.AccessLog();
}

TEST_F(GrpcTls, AnotherNameIsRefused) {
  EchoServer server(Credentials(false));
  ServeFrom(server.port(), std::string(kTrust) + ", serverName: other.example");
  ExpectRefused("tls-name-mismatch");
  EXPECT_EQ(server.begun(), 0);
}

TEST_F(GrpcTls, OneThatDoesNotChooseHttp2IsRefused) {
  const kit::TlsUpstream upstream(ServerCertificate());
  ServeFrom(upstream.port(), kTrust);
  ExpectRefused("tls-no-http2");
}

TEST_F(GrpcTls, TheSameEndpointInTheClearIsAnotherConnection) {
  EchoServer server(Credentials(false));
  std::string plain = Route(kTarget);
  plain.replace(plain.find("name: echo, namespace"), 10, "name: clear");
  plain.replace(plain.find("grpc.example"), 12, "clear.example");
  gateway_.Write("clear.yaml", plain);
  ServeFrom(server.port(), kTrust);
  EXPECT_TRUE(Unary(Say("x")).ok());
  grpc::ClientContext context;
  Within(context, std::chrono::seconds(60));
  context.set_authority("clear.example");
  Text out;
  EXPECT_EQ(stub_->Unary(&context, Say("x"), &out).error_code(), StatusCode::UNAVAILABLE)
      << "in the clear to a port of TLS";
  EXPECT_TRUE(Unary(Say("x")).ok());
}

}  // namespace
}  // namespace tollgate::test
