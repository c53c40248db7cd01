// What a controller publishes, its proxies serve; what they make of it, it knows.
#include <atomic>
#include <cstdio>

#include "tests/unit/push/push_fixture.h"

namespace tollgate::push {
namespace {

using Delivery = PushTest;

TEST_F(Delivery, WholeSnapshotArrivesAndIsAcknowledged) {
  const auto server = StartServer();
  const auto snapshot = MakeSnapshot(1);
  ASSERT_TRUE(server->Publish(snapshot).ok());
  const SteadyTime begin = SteadyNow();
  const auto proxy = StartProxy("proxy-0", {server->port()});
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", snapshot->version()); }));
  std::printf("[ measured ] start to acknowledgement: %.1f ms\n", MillisecondsSince(begin));
  EXPECT_EQ(proxy->last_bytes(), snapshot->SerializeAsString());
  EXPECT_TRUE(Eventually([&] { return proxy->kept() == std::vector{snapshot->version()}; }));
  EXPECT_TRUE(proxy->receiver().connected());
  EXPECT_EQ(proxy->receiver().last_error(), "");
}

TEST_F(Delivery, ProxyThatCameFirstGetsWhatIsPublishedLater) {
  const auto server = StartServer();
  const auto proxy = StartProxy("proxy-0", {server->port()});
  const auto first = MakeSnapshot(1);
  const auto second = MakeSnapshot(2);
  ASSERT_TRUE(server->Publish(first).ok());
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", first->version()); }));
  const SteadyTime begin = SteadyNow();
  ASSERT_TRUE(server->Publish(second).ok());
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", second->version()); }));
  std::printf("[ measured ] publish to acknowledgement: %.1f ms\n", MillisecondsSince(begin));
}

TEST_F(Delivery, RefusalArrivesWithItsReasonAndTheOldVersionStays) {
  const auto server = StartServer();
  const auto good = MakeSnapshot(1);
  const auto bad = MakeSnapshot(2);
  const auto mended = MakeSnapshot(3);
  ASSERT_TRUE(server->Publish(good).ok());
  const auto proxy = StartProxy("proxy-0", {server->port()});
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", good->version()); }));
  proxy->RefuseWith("rule \"all\" of route \"shop/quotes\" names an upstream that is not there");
  ASSERT_TRUE(server->Publish(bad).ok());
  ASSERT_TRUE(Eventually([&] { return !StateOf(*server, "proxy-0").refusal.empty(); }));
  const publish::ProxyState state = StateOf(*server, "proxy-0");
  EXPECT_EQ(state.refusal, "rule \"all\" of route \"shop/quotes\" names an upstream that is not there");
  EXPECT_EQ(state.version, good->version());
  EXPECT_EQ(state.acknowledged, bad->version());
  EXPECT_TRUE(state.connected);
  proxy->RefuseWith("");
  ASSERT_TRUE(server->Publish(mended).ok());
  EXPECT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", mended->version()); }));
}

// It is cut to a number of bytes, which may be the middle of a character.
TEST_F(Delivery, RefusalOfAnyTextArrives) {
  const auto server = StartServer();
  const auto bad = MakeSnapshot(1);
  ASSERT_TRUE(server->Publish(bad).ok());
  const auto proxy = StartProxy("proxy-0", {server->port()});
  std::string reason = "x";
  while (reason.size() <= api::kPushRefusalBytes) reason += "ä";
  proxy->RefuseWith(reason);
  const auto worse = MakeSnapshot(2);
  ASSERT_TRUE(server->Publish(worse).ok());
  EXPECT_TRUE(Eventually(
      [&] { return StateOf(*server, "proxy-0").refusal == reason.substr(0, api::kPushRefusalBytes); }));
}

TEST_F(Delivery, ProxyWithTheCurrentVersionIsSentNothing) {
  const auto server = StartServer();
  const auto snapshot = MakeSnapshot(1);
  ASSERT_TRUE(server->Publish(snapshot).ok());
  snapshot::ReceiverOptions options = ProxyOptions("proxy-0", {server->port()});
  options.version = snapshot->version();
  TestProxy proxy(options);
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", snapshot->version()); }));
  EXPECT_EQ(server->sent_bytes(), 0U);
  // Had anything been under way, it would have come before this.
  const auto next = MakeSnapshot(2);
  ASSERT_TRUE(server->Publish(next).ok());
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", next->version()); }));
  EXPECT_EQ(proxy.applied(), std::vector{next->version()});
}

TEST_F(Delivery, OnlyTheNewestOfABurstCounts) {
  const auto server = StartServer();
  const auto first = MakeSnapshot(1);
  ASSERT_TRUE(server->Publish(first).ok());
  const auto proxy = StartProxy("proxy-0", {server->port()});
  proxy->Hold();
  ASSERT_TRUE(Eventually([&] { return proxy->applied().size() == 1; }));
  std::string last;
  const SteadyTime begin = SteadyNow();
  for (uint64_t i = 0; i < 200; ++i) {
    const auto next = MakeSnapshot(100 + i);
    last = next->version();
    ASSERT_TRUE(server->Publish(next).ok());
  }
  std::printf("[ measured ] 200 publishes beside a busy proxy: %.1f ms\n", MillisecondsSince(begin));
  proxy->Release();
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", last); }));
  EXPECT_EQ(proxy->applied(), (std::vector{first->version(), last}));
}

TEST_F(Delivery, EveryVersionOfABurstIsAppliedInOrderOrSkipped) {
  const auto server = StartServer();
  const auto proxy = StartProxy("proxy-0", {server->port()});
  std::vector<std::string> published;
  for (uint64_t i = 0; i < 200; ++i) {
    const auto next = MakeSnapshot(100 + i);
    published.push_back(next->version());
    ASSERT_TRUE(server->Publish(next).ok());
  }
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", published.back()); }));
  size_t at = 0;
  for (const std::string& version : proxy->applied()) {
    while (at < published.size() && published[at] != version) ++at;
  }
  EXPECT_LT(at, published.size()) << "a version was applied twice or out of order";
  std::printf("[ measured ] of 200 published, %zu were applied\n", proxy->applied().size());
}

TEST_F(Delivery, FiftyMegabytesArriveInPartsOfAMebibyte) {
  const auto snapshot = MakeSnapshot(1, {.resources = 50'000, .bytes_each = 1'000});
  const auto frames = publish::SnapshotFrames::Make(*snapshot);
  ASSERT_TRUE(frames.ok());
  size_t largest = 0;
  for (const std::string& message : (*frames)->messages()) largest = std::max(largest, message.size());
  EXPECT_LE(largest, size_t{1} << 20);
  EXPECT_GT((*frames)->messages().size(), 48U);
  const auto server = StartServer();
  ASSERT_TRUE(server->Publish(snapshot).ok());
  const SteadyTime begin = SteadyNow();
  const auto proxy = StartProxy("proxy-0", {server->port()});
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", snapshot->version()); }));
  std::printf("[ measured ] %zu MB in %zu messages of at most %zu bytes: %.0f ms to the acknowledgement\n",
              snapshot->ByteSizeLong() / 1'000'000, (*frames)->messages().size(), largest,
              MillisecondsSince(begin));
  EXPECT_EQ(proxy->last_bytes(), snapshot->SerializeAsString());
}

TEST_F(Delivery, ResourceLargerThanAPartTravelsAlone) {
  const auto snapshot = MakeSnapshot(1, {.resources = 3, .bytes_each = 3'000'000});
  const auto server = StartServer();
  ASSERT_TRUE(server->Publish(snapshot).ok());
  const auto proxy = StartProxy("proxy-0", {server->port()});
  EXPECT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", snapshot->version()); }));
}

TEST_F(Delivery, ResourceThatNoMessageCarriesIsNotPublished) {
  const auto server = StartServer();
  const auto good = MakeSnapshot(1);
  ASSERT_TRUE(server->Publish(good).ok());
  const Status<> published = server->Publish(MakeSnapshot(2, {.resources = 1, .bytes_each = 5'000'000}));
  ASSERT_FALSE(published.ok());
  EXPECT_NE(published.error().message.find("shop/service-0:80"), std::string::npos);
  const auto proxy = StartProxy("proxy-0", {server->port()});
  EXPECT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", good->version()); }));
}

TEST_F(Delivery, SnapshotThatTheProxyCannotReadIsNotSentButReportedAsRefused) {
  const auto server = StartServer();
  const auto served = MakeSnapshot(1);
  ASSERT_TRUE(server->Publish(served).ok());
  const auto proxy = StartProxy("proxy-0", {server->port()});
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", served->version()); }));
  const uint64_t sent = server->sent_bytes();
  const auto newer = MakeSnapshot(2, {.schema = api::kSnapshotSchema + 1});
  ASSERT_TRUE(server->Publish(newer).ok());
  ASSERT_TRUE(Eventually([&] { return !StateOf(*server, "proxy-0").refusal.empty(); }));
  EXPECT_EQ(StateOf(*server, "proxy-0").version, served->version());
  EXPECT_EQ(proxy->applied(), std::vector{served->version()});
  EXPECT_EQ(StateOf(*server, "proxy-0").acknowledged, newer->version());
  EXPECT_NE(StateOf(*server, "proxy-0").refusal.find("upgrade the proxies"), std::string::npos);
  EXPECT_EQ(server->sent_bytes(), sent);
}

TEST_F(Delivery, ProxyOfAnotherInstallationIsTurnedAway) {
  const auto server = StartServer();
  ASSERT_TRUE(server->Publish(MakeSnapshot(1)).ok());
  snapshot::ReceiverOptions options = ProxyOptions("proxy-0", {server->port()});
  options.installation = "other";
  TestProxy proxy(options);
  ASSERT_TRUE(Eventually([&] {
    return proxy.receiver().last_error().find("start the proxy with --installation shop") !=
           std::string::npos;
  })) << proxy.receiver().last_error();
  EXPECT_TRUE(proxy.applied().empty());
  EXPECT_TRUE(server->Proxies().empty());
}

TEST_F(Delivery, SnapshotOfAnotherInstallationIsRefused) {
  const auto server = StartServer();
  ASSERT_TRUE(server->Publish(MakeSnapshot(1, {.installation = "other"})).ok());
  const auto proxy = StartProxy("proxy-0", {server->port()});
  ASSERT_TRUE(Eventually([&] { return !StateOf(*server, "proxy-0").refusal.empty(); }));
  EXPECT_TRUE(proxy->applied().empty());
}

TEST_F(Delivery, SnapshotAboveTheBoundsIsRefusedAndTheNextOneTaken) {
  const auto server = StartServer();
  ASSERT_TRUE(server->Publish(MakeSnapshot(1, {.resources = 100, .bytes_each = 10'000})).ok());
  snapshot::ReceiverOptions options = ProxyOptions("proxy-0", {server->port()});
  options.bounds.bytes = 500'000;
  TestProxy proxy(options);
  ASSERT_TRUE(Eventually([&] { return !StateOf(*server, "proxy-0").refusal.empty(); }));
  EXPECT_NE(StateOf(*server, "proxy-0").refusal.find("more than 500000 bytes"), std::string::npos);
  const auto small = MakeSnapshot(2);
  ASSERT_TRUE(server->Publish(small).ok());
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", small->version()); }));
  EXPECT_EQ(proxy.applied(), std::vector{small->version()});
}

TEST_F(Delivery, ChangesOfProxiesAreTold) {
  std::atomic<int> told{0};
  publish::SnapshotServerOptions options = ServerOptions();
  options.on_change = [&told] { ++told; };
  const auto server = StartServer(options);
  const auto snapshot = MakeSnapshot(1);
  ASSERT_TRUE(server->Publish(snapshot).ok());
  EXPECT_EQ(told, 0);
  auto proxy = StartProxy("proxy-0", {server->port()});
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", snapshot->version()) && told > 0; }));
  const int before = told;
  proxy.reset();
  ASSERT_TRUE(Eventually([&] { return !StateOf(*server, "proxy-0").connected; }));
  EXPECT_EQ(StateOf(*server, "proxy-0").version, snapshot->version());
  EXPECT_TRUE(Eventually([&] { return told > before; }));
}

TEST_F(Delivery, OnChangeMayAskAndPublish) {
  publish::SnapshotServer* asked = nullptr;
  std::atomic<bool> done{false};
  const auto second = MakeSnapshot(2);
  publish::SnapshotServerOptions options = ServerOptions();
  options.on_change = [&] {
    if (!asked->Proxies().empty()) done = asked->Publish(second).ok();
  };
  const auto server = StartServer(options);
  asked = server.get();
  ASSERT_TRUE(server->Publish(MakeSnapshot(1)).ok());
  const auto proxy = StartProxy("proxy-0", {server->port()});
  EXPECT_TRUE(Eventually([&] { return done && Serves(*server, "proxy-0", second->version()); }));
}

}  // namespace
}  // namespace tollgate::push
