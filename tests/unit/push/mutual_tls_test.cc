// Nobody follows, and nobody is followed, without a certificate of the installation's authority.
#include <grpcpp/grpcpp.h>

#include "api/snapshot.grpc.pb.h"
#include "tests/unit/push/push_fixture.h"

namespace tollgate::push {
namespace {

class MutualTls : public PushTest {
 protected:
  // A client that is no receiver: says hello and waits for the outcome.
  static grpc::Status SayHello(uint16_t port, const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
    const auto channel = grpc::CreateChannel("127.0.0.1:" + std::to_string(port), credentials);
    const auto stub = api::ConfigPush::NewStub(channel);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    const auto stream = stub->Subscribe(&context);
    api::ProxyMessage hello;
    hello.mutable_hello()->set_proxy("intruder");
    hello.mutable_hello()->set_installation(kInstallation);
    hello.mutable_hello()->set_schema(api::kSnapshotSchema);
    hello.mutable_hello()->set_wants_snapshots(true);
    stream->Write(hello);
    api::ControllerMessage message;
    EXPECT_FALSE(stream->Read(&message)) << "it was sent configuration";
    return stream->Finish();
  }

  // A proxy with these files is let in.
  void ExpectLetIn(publish::SnapshotServer& server, const snapshot::ReceiverOptions& options) {
    const auto snapshot = MakeSnapshot(1);
    ASSERT_TRUE(server.Publish(snapshot).ok());
    TestProxy proxy(options);
    EXPECT_TRUE(Eventually([&] { return Serves(server, options.proxy, snapshot->version()); }))
        << proxy.receiver().last_error();
  }

  // A proxy with these options gets no further than the handshake, and says why.
  void ExpectKeptOut(publish::SnapshotServer& server, const snapshot::ReceiverOptions& options) {
    ASSERT_TRUE(server.Publish(MakeSnapshot(1)).ok());
    TestProxy proxy(options);
    ASSERT_TRUE(Eventually([&] {
      return proxy.receiver().last_error().find("cannot be followed") != std::string::npos;
    })) << proxy.receiver().last_error();
    RecordProperty("reason", proxy.receiver().last_error());
    std::printf("[ measured ] %s\n", proxy.receiver().last_error().c_str());
    EXPECT_FALSE(proxy.receiver().connected());
    EXPECT_TRUE(proxy.applied().empty());
    EXPECT_TRUE(server.Proxies().empty());
  }
};

TEST_F(MutualTls, ClientWithoutCertificateIsKeptOut) {
  const auto server = StartServer();
  ASSERT_TRUE(server->Publish(MakeSnapshot(1)).ok());
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = authority_.certificate;
  EXPECT_EQ(SayHello(server->port(), grpc::SslCredentials(options)).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(server->Proxies().empty());
}

TEST_F(MutualTls, ClientWithoutTlsIsKeptOut) {
  const auto server = StartServer();
  ASSERT_TRUE(server->Publish(MakeSnapshot(1)).ok());
  EXPECT_EQ(SayHello(server->port(), grpc::InsecureChannelCredentials()).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(server->Proxies().empty());
}

TEST_F(MutualTls, ClientOfAnotherAuthorityIsKeptOut) {
  const auto server = StartServer();
  TlsIdentity stranger = ClientIdentity(NewAuthority());
  stranger.authorities = authority_.certificate;
  snapshot::ReceiverOptions options = ProxyOptions("proxy-0", {server->port()});
  options.tls = WriteFiles("stranger", stranger);
  ExpectKeptOut(*server, options);
}

TEST_F(MutualTls, ServerCertificateIsNoClientCertificate) {
  const auto server = StartServer();
  snapshot::ReceiverOptions options = ProxyOptions("proxy-0", {server->port()});
  options.tls = WriteFiles("server", ServerIdentity(authority_));
  ExpectKeptOut(*server, options);
}

TEST_F(MutualTls, ControllerOfAnotherAuthorityIsNotFollowed) {
  const publish::PemPair other = NewAuthority();
  publish::SnapshotServerOptions server_options = ServerOptions();
  server_options.identity = ServerIdentity(other);
  server_options.identity.authorities = authority_.certificate;
  const auto server = StartServer(server_options);
  ExpectKeptOut(*server, ProxyOptions("proxy-0", {server->port()}));
}

TEST_F(MutualTls, ProxyCannotPoseAsController) {
  publish::SnapshotServerOptions server_options = ServerOptions();
  server_options.identity = ClientIdentity(authority_);
  const auto server = StartServer(server_options);
  ExpectKeptOut(*server, ProxyOptions("proxy-0", {server->port()}));
}

TEST_F(MutualTls, ControllerOfAnotherNameIsNotFollowed) {
  publish::SnapshotServerOptions server_options = ServerOptions();
  server_options.identity = ServerIdentity(authority_, {"other.example"});
  const auto server = StartServer(server_options);
  ExpectKeptOut(*server, ProxyOptions("proxy-0", {server->port()}));
}

TEST_F(MutualTls, ExpiredClientIsKeptOut) {
  const auto server = StartServer();
  const WallMicros two_years_ago = SystemWallClock().Now() - WallMicros{730} * 86'400 * 1'000'000;
  const auto old = publish::IssueClientCertificate(authority_, "shop-proxy", two_years_ago);
  ASSERT_TRUE(old.ok());
  snapshot::ReceiverOptions options = ProxyOptions("proxy-0", {server->port()});
  options.tls = WriteFiles("old", {old->certificate, old->key, authority_.certificate});
  ExpectKeptOut(*server, options);
}

TEST_F(MutualTls, CertificateIsCheckedAgainstTheNameThatWasDialled) {
  publish::SnapshotServerOptions server_options = ServerOptions();
  server_options.address = "localhost:0";
  server_options.identity = ServerIdentity(authority_, {"localhost"});
  const auto server = StartServer(server_options);
  snapshot::ReceiverOptions options = ProxyOptions("proxy-0", {});
  options.controllers = {Target("dns:///localhost:" + std::to_string(server->port()))};
  ExpectLetIn(*server, options);
}

TEST_F(MutualTls, Ipv6AddressIsDialledAndChecked) {
  publish::SnapshotServerOptions server_options = ServerOptions();
  server_options.address = "[::1]:0";
  server_options.identity = ServerIdentity(authority_, {"::1"});
  auto server = publish::SnapshotServer::Start(server_options);
  if (!server.ok()) GTEST_SKIP() << "this machine has no IPv6: " << server.error().message;
  snapshot::ReceiverOptions options = ProxyOptions("proxy-0", {});
  options.controllers = {Target("[::1]:" + std::to_string((*server)->port()))};
  ExpectLetIn(**server, options);
}

TEST_F(MutualTls, ServerDoesNotStartWithAKeyOfAnotherCertificate) {
  publish::SnapshotServerOptions options = ServerOptions();
  options.identity.key = ServerIdentity(authority_).key;
  const auto server = publish::SnapshotServer::Start(options);
  ASSERT_FALSE(server.ok());
  EXPECT_NE(server.error().message.find("does not belong"), std::string::npos) << server.error().message;
}

TEST_F(MutualTls, ProxyWaitsForItsCertificate) {
  const auto server = StartServer();
  const auto snapshot = MakeSnapshot(1);
  ASSERT_TRUE(server->Publish(snapshot).ok());
  snapshot::ReceiverOptions options = ProxyOptions("proxy-0", {server->port()});
  options.tls.key = folder_ / "late.key";
  TestProxy proxy(options);
  ASSERT_TRUE(
      Eventually([&] { return proxy.receiver().last_error().find("--tls-key") != std::string::npos; }));
  folder_.Write("late.key", folder_.Read("proxy.key"));
  EXPECT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", snapshot->version()); }));
}

// gRPC itself would let both listen, and proxies would come to either at random.
TEST_F(MutualTls, PortOfAnotherServerIsSaid) {
  const auto first = StartServer();
  publish::SnapshotServerOptions options = ServerOptions();
  options.address = "127.0.0.1:" + std::to_string(first->port());
  const auto second = publish::SnapshotServer::Start(options);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().message,
            "cannot listen on " + options.address +
                " for the push: Address already in use; stop what listens there or choose another "
                "--push-address (port 0 picks a free one)");
  // The first one's own renewal listens beside itself.
  EXPECT_TRUE(first->Renew(ServerIdentity(authority_)).ok());
}

TEST_F(MutualTls, AddressOfAnotherMachineIsSaid) {
  // An address that is not this machine's (RFC 5737) cannot be bound by anybody.
  publish::SnapshotServerOptions options = ServerOptions();
  options.address = "192.0.2.1:9443";
  const auto server = publish::SnapshotServer::Start(options);
  ASSERT_FALSE(server.ok());
  EXPECT_NE(server.error().message.find("192.0.2.1:9443"), std::string::npos);
  EXPECT_NE(server.error().message.find("choose another --push-address"), std::string::npos);
}

TEST_F(MutualTls, AuthorityTurnsWithoutRestart) {
  const auto server = StartServer();
  const auto first = MakeSnapshot(1);
  ASSERT_TRUE(server->Publish(first).ok());
  const auto proxy = StartProxy("proxy-0", {server->port()});
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", first->version()); }));
  // First both authorities are trusted on both sides, then certificates change, then the old one goes.
  const publish::PemPair next = NewAuthority();
  const std::string both = authority_.certificate + next.certificate;
  TlsIdentity server_identity = ServerIdentity(authority_);
  server_identity.authorities = both;
  TlsIdentity proxy_identity = ClientIdentity(authority_);
  proxy_identity.authorities = both;
  WriteFiles("proxy", proxy_identity);
  ASSERT_TRUE(server->Renew(server_identity).ok());
  WriteFiles("proxy", ClientIdentity(next));
  ASSERT_TRUE(server->Renew(ServerIdentity(next)).ok());
  const auto second = MakeSnapshot(2);
  ASSERT_TRUE(server->Publish(second).ok());
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", second->version()); }))
      << proxy->receiver().last_error();
  // Whoever still has only the old one is kept out.
  snapshot::ReceiverOptions options = ProxyOptions("late", {server->port()});
  options.tls = WriteFiles("late", ClientIdentity(authority_));
  TestProxy late(options);
  ASSERT_TRUE(Eventually(
      [&] { return late.receiver().last_error().find("cannot be followed") != std::string::npos; }));
  EXPECT_EQ(server->Proxies().size(), 1U);
}

TEST_F(MutualTls, UselessRenewalChangesNothing) {
  const auto server = StartServer();
  const auto first = MakeSnapshot(1);
  ASSERT_TRUE(server->Publish(first).ok());
  const auto proxy = StartProxy("proxy-0", {server->port()});
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", first->version()); }));
  EXPECT_FALSE(server->Renew({"no", "PEM", "text"}).ok());
  const auto second = MakeSnapshot(2);
  ASSERT_TRUE(server->Publish(second).ok());
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", second->version()); }));
}

}  // namespace
}  // namespace tollgate::push
