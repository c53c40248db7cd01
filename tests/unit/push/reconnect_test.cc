// Streams that break: they come back, and nothing half is ever served.
#include <cstdio>
#include <future>

#include "proxy/snapshot/controller_link.h"
#include "tests/unit/push/push_fixture.h"
#include "tests/unit/push/relay.h"

namespace tollgate::push {
namespace {

using Reconnect = PushTest;

TEST_F(Reconnect, ProxyComesBackAfterTheControllerRestartsOnTheSamePort) {
  publish::SnapshotServerOptions options = ServerOptions();
  auto server = StartServer(options);
  const uint16_t port = server->port();
  const auto first = MakeSnapshot(1);
  ASSERT_TRUE(server->Publish(first).ok());
  const auto proxy = StartProxy("proxy-0", {port});
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", first->version()); }));
  server.reset();
  ASSERT_TRUE(Eventually([&] { return !proxy->receiver().connected(); }));
  EXPECT_NE(proxy->receiver().last_error(), "");
  options.address = "127.0.0.1:" + std::to_string(port);
  server = StartServer(options);
  // The same configuration after a restart costs nothing.
  ASSERT_TRUE(server->Publish(first).ok());
  const SteadyTime begin = SteadyNow();
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", first->version()); }));
  std::printf("[ measured ] restart to connected again: %.0f ms\n", MillisecondsSince(begin));
  EXPECT_EQ(server->sent_bytes(), 0U);
  const auto second = MakeSnapshot(2);
  ASSERT_TRUE(server->Publish(second).ok());
  EXPECT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", second->version()); }));
}

TEST_F(Reconnect, WhatALinkHadIsTakenDownBeforeTheProcessEnds) {
  using snapshot::ControllerLink;
  auto server = StartServer();
  ASSERT_TRUE(server->Publish(MakeSnapshot(1)).ok());
  auto proxy = StartProxy("proxy-0", {server->port()});
  ASSERT_TRUE(Eventually([&] { return proxy->receiver().connected(); }));
  EXPECT_FALSE(ControllerLink::AwaitEnd(std::chrono::milliseconds(0)));
  proxy.reset();
  server.reset();
  EXPECT_TRUE(ControllerLink::AwaitEnd(std::chrono::seconds(60)));
}

TEST_F(Reconnect, ControllerThatComesLaterIsFound) {
  auto server = StartServer();
  const uint16_t port = server->port();
  server.reset();
  const auto proxy = StartProxy("proxy-0", {port});
  ASSERT_TRUE(Eventually(
      [&] { return proxy->receiver().last_error().find("cannot be followed") != std::string::npos; }));
  publish::SnapshotServerOptions options = ServerOptions();
  options.address = "127.0.0.1:" + std::to_string(port);
  server = StartServer(options);
  const auto snapshot = MakeSnapshot(1);
  ASSERT_TRUE(server->Publish(snapshot).ok());
  EXPECT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", snapshot->version()); }));
}

TEST_F(Reconnect, SnapshotThatBreaksOffIsDroppedAndSentAgain) {
  const auto server = StartServer();
  Relay relay(server->port());
  relay.CutAfter(3'000'000);
  const auto snapshot = MakeSnapshot(1, {.resources = 100, .bytes_each = 100'000});
  ASSERT_TRUE(server->Publish(snapshot).ok());
  const auto proxy = StartProxy("proxy-0", {relay.port()});
  ASSERT_TRUE(Eventually([&] { return relay.accepted() >= 3; }));
  EXPECT_TRUE(proxy->applied().empty());
  relay.CutAfter(0);
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", snapshot->version()); }));
  EXPECT_EQ(proxy->applied(), std::vector{snapshot->version()});
  EXPECT_EQ(proxy->last_bytes(), snapshot->SerializeAsString());
}

TEST_F(Reconnect, RefusedVersionIsOfferedAgainOnANewStream) {
  const auto server = StartServer();
  Relay relay(server->port());
  const auto snapshot = MakeSnapshot(1);
  ASSERT_TRUE(server->Publish(snapshot).ok());
  const auto proxy = StartProxy("proxy-0", {relay.port()});
  proxy->RefuseWith("not yet");
  ASSERT_TRUE(Eventually([&] { return StateOf(*server, "proxy-0").refusal == "not yet"; }));
  proxy->RefuseWith("");
  relay.CutAfter(1);
  ASSERT_TRUE(server->Publish(MakeSnapshot(2)).ok());
  ASSERT_TRUE(Eventually([&] { return !proxy->receiver().connected(); }));
  relay.CutAfter(0);
  ASSERT_TRUE(server->Publish(snapshot).ok());
  EXPECT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", snapshot->version()); }));
}

// gRPC comes down with the process where a connection is freed on one of its own threads, now and then: the
// last share of a link must always reach its owner.
TEST_F(Reconnect, LinkThatFailsIsFreedByItsOwner) {
  auto server = StartServer();
  const snapshot::ControllerAddress nobody{"127.0.0.1", "127.0.0.1", server->port()};
  server.reset();
  const Result<TlsIdentity> identity = files_.Read();
  ASSERT_TRUE(identity.ok());
  for (int i = 0; i < 200; ++i) {
    // Shared: the call that fulfils it may return after all else here is over.
    const auto ended = std::make_shared<std::promise<std::shared_ptr<snapshot::ControllerLink>>>();
    std::weak_ptr<snapshot::ControllerLink> watched;
    {
      const auto link = snapshot::ControllerLink::Open(
          nobody, *identity, {},
          {.on_open = [] {},
           .on_message = [](const api::ControllerMessage&) {},
           .on_end =
               [ended](const std::string&, std::shared_ptr<snapshot::ControllerLink> share) {
                 ended->set_value(std::move(share));
               }});
      watched = link;
    }
    std::shared_ptr<snapshot::ControllerLink> last = ended->get_future().get();
    ASSERT_NE(last, nullptr);
    last.reset();
    ASSERT_TRUE(watched.expired()) << "somebody else still holds it";
  }
}

// Milliseconds; whoever waits for a peer that is frozen waits for ever.
constexpr double kStuck = 30'000;

// Stop's promise, in the states that could hold it up.
class StopIsPrompt : public PushTest {
 protected:
  static void ExpectPrompt(TestProxy& proxy) {
    const SteadyTime begin = SteadyNow();
    proxy.receiver().Stop();
    const double took = MillisecondsSince(begin);
    EXPECT_LT(took, kStuck);
    std::printf("[ measured ] Stop: %.1f ms\n", took);
  }
};

TEST_F(StopIsPrompt, WhileConnected) {
  const auto server = StartServer();
  const auto snapshot = MakeSnapshot(1);
  ASSERT_TRUE(server->Publish(snapshot).ok());
  const auto proxy = StartProxy("proxy-0", {server->port()});
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", snapshot->version()); }));
  ExpectPrompt(*proxy);
  EXPECT_TRUE(Eventually([&] { return !StateOf(*server, "proxy-0").connected; }));
}

TEST_F(StopIsPrompt, WhileTheControllerIsFrozenInTheMiddleOfASnapshot) {
  const auto server = StartServer();
  Relay relay(server->port());
  relay.CutAfter(0);
  ASSERT_TRUE(server->Publish(MakeSnapshot(1, {.resources = 200, .bytes_each = 100'000})).ok());
  const auto proxy = StartProxy("proxy-0", {relay.port()});
  ASSERT_TRUE(Eventually([&] { return relay.from_controller() > 100'000; }));
  relay.BlackHole(true);
  ExpectPrompt(*proxy);
}

TEST_F(StopIsPrompt, WhileAControllerDoesNotShakeHands) {
  const auto server = StartServer();
  Relay relay(server->port());
  relay.BlackHole(true);
  const auto proxy = StartProxy("proxy-0", {relay.port()});
  ExpectPrompt(*proxy);
}

TEST_F(StopIsPrompt, WhileNobodyListens) {
  auto server = StartServer();
  const uint16_t port = server->port();
  server.reset();
  const auto proxy = StartProxy("proxy-0", {port});
  ASSERT_TRUE(Eventually(
      [&] { return proxy->receiver().last_error().find("cannot be followed") != std::string::npos; }));
  ExpectPrompt(*proxy);
}

TEST_F(StopIsPrompt, OfTheServerAsSoonAsAFrozenProxyIsGivenUp) {
  publish::SnapshotServerOptions options = ServerOptions();
  options.keep_alive = {std::chrono::milliseconds(1'000), std::chrono::milliseconds(1'000)};
  auto server = StartServer(options);
  Relay relay(server->port());
  const auto first = MakeSnapshot(1);
  ASSERT_TRUE(server->Publish(first).ok());
  const auto proxy = StartProxy("proxy-0", {relay.port()});
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", first->version()); }));
  relay.HoldBackController(true);
  const uint64_t sent = server->sent_bytes();
  ASSERT_TRUE(server->Publish(MakeSnapshot(2, {.resources = 200, .bytes_each = 100'000})).ok());
  ASSERT_TRUE(Eventually([&] { return server->sent_bytes() > sent; }));
  SteadyTime begin = SteadyNow();
  ASSERT_TRUE(server->Renew(ServerIdentity(authority_)).ok());
  std::printf("[ measured ] renewal beside a frozen proxy: %.1f ms\n", MillisecondsSince(begin));
  begin = SteadyNow();
  server.reset();
  EXPECT_LT(MillisecondsSince(begin), kStuck);
  std::printf("[ measured ] end of the server, keepalive 1 + 1 s: %.0f ms\n", MillisecondsSince(begin));
}

}  // namespace
}  // namespace tollgate::push
