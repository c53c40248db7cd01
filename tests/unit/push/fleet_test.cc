// Many proxies, several controllers, and some of them in trouble: the others do not notice.
#include <cstdio>

#include "tests/unit/push/push_fixture.h"
#include "tests/unit/push/relay.h"

namespace tollgate::push {
namespace {

using Fleet = PushTest;

TEST_F(Fleet, FrozenProxyHoldsUpNobody) {
  const auto server = StartServer();
  Relay relay(server->port());
  const auto well_0 = StartProxy("well-0", {server->port()});
  const auto frozen = StartProxy("frozen", {relay.port()});
  const auto well_1 = StartProxy("well-1", {server->port()});
  const auto first = MakeSnapshot(1);
  ASSERT_TRUE(server->Publish(first).ok());
  for (const char* name : {"well-0", "frozen", "well-1"}) {
    ASSERT_TRUE(Eventually([&] { return Serves(*server, name, first->version()); })) << name;
  }
  relay.HoldBackController(true);
  std::string last;
  double slowest = 0;
  for (uint64_t i = 0; i < 5; ++i) {
    const auto next = MakeSnapshot(10 + i, {.resources = 20, .bytes_each = 500'000});
    last = next->version();
    const SteadyTime begin = SteadyNow();
    ASSERT_TRUE(server->Publish(next).ok());
    slowest = std::max(slowest, MillisecondsSince(begin));
    ASSERT_TRUE(
        Eventually([&] { return Serves(*server, "well-0", last) && Serves(*server, "well-1", last); }));
  }
  EXPECT_EQ(StateOf(*server, "frozen").version, first->version());
  std::printf("[ measured ] publishing 10 MB beside a frozen proxy: at most %.1f ms\n", slowest);
  relay.HoldBackController(false);
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "frozen", last); }));
  // The one that was under way when it froze, and the newest.
  EXPECT_LE(frozen->applied().size(), 3U);
}

TEST_F(Fleet, DeadPeersAreNoticedOnBothSides) {
  publish::SnapshotServerOptions options = ServerOptions();
  options.keep_alive = {std::chrono::milliseconds(500), std::chrono::milliseconds(500)};
  const auto server = StartServer(options);
  Relay relay(server->port());
  snapshot::ReceiverOptions proxy_options = ProxyOptions("proxy-0", {relay.port()});
  proxy_options.keep_alive = options.keep_alive;
  TestProxy proxy(proxy_options);
  const auto snapshot = MakeSnapshot(1);
  ASSERT_TRUE(server->Publish(snapshot).ok());
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", snapshot->version()); }));
  const SteadyTime begin = SteadyNow();
  relay.BlackHole(true);
  ASSERT_TRUE(Eventually([&] { return !StateOf(*server, "proxy-0").connected; }));
  const double server_noticed = MillisecondsSince(begin);
  ASSERT_TRUE(Eventually([&] { return !proxy.receiver().connected(); }));
  std::printf("[ measured ] keepalive 500 + 500 ms: controller noticed after %.0f ms, proxy after %.0f ms\n",
              server_noticed, MillisecondsSince(begin));
  relay.BlackHole(false);
  EXPECT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", snapshot->version()); }));
}

TEST_F(Fleet, QuietStreamIsKept) {
  publish::SnapshotServerOptions options = ServerOptions();
  options.keep_alive = {std::chrono::milliseconds(200), std::chrono::milliseconds(2'000)};
  const auto server = StartServer(options);
  Relay relay(server->port());
  snapshot::ReceiverOptions proxy_options = ProxyOptions("proxy-0", {relay.port()});
  proxy_options.keep_alive = options.keep_alive;
  TestProxy proxy(proxy_options);
  const auto snapshot = MakeSnapshot(1);
  ASSERT_TRUE(server->Publish(snapshot).ok());
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", snapshot->version()); }));
  // Only pings pass from here on; a server that minds them says goodbye after three.
  const uint64_t before = relay.from_controller();
  ASSERT_TRUE(Eventually([&] { return relay.from_controller() > before + 500; }));
  EXPECT_EQ(relay.accepted(), 1);
  EXPECT_TRUE(StateOf(*server, "proxy-0").connected);
}

TEST_F(Fleet, EveryControllerHearsEveryAcknowledgement) {
  const auto one = StartServer();
  const auto two = StartServer();
  const auto first = MakeSnapshot(1);
  ASSERT_TRUE(one->Publish(first).ok());
  ASSERT_TRUE(two->Publish(first).ok());
  const auto proxy = StartProxy("proxy-0", {one->port(), two->port()});
  for (publish::SnapshotServer* server : {one.get(), two.get()}) {
    ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", first->version()); }));
  }
  EXPECT_EQ(proxy->applied(), std::vector{first->version()}) << "taken from one controller, not from both";
  EXPECT_TRUE(one->sent_bytes() == 0 || two->sent_bytes() == 0);
  const auto second = MakeSnapshot(2);
  proxy->RefuseWith("not this one");
  ASSERT_TRUE(one->Publish(second).ok());
  ASSERT_TRUE(two->Publish(second).ok());
  for (publish::SnapshotServer* server : {one.get(), two.get()}) {
    ASSERT_TRUE(Eventually([&] { return StateOf(*server, "proxy-0").refusal == "not this one"; }));
  }
}

TEST_F(Fleet, AnotherControllerTakesOverWhenTheSourceGoes) {
  std::unique_ptr<publish::SnapshotServer> servers[2] = {StartServer(), StartServer()};
  const auto first = MakeSnapshot(1);
  for (const auto& server : servers) ASSERT_TRUE(server->Publish(first).ok());
  const auto proxy = StartProxy("proxy-0", {servers[0]->port(), servers[1]->port()});
  for (const auto& server : servers) {
    ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", first->version()); }));
  }
  const int source = servers[0]->sent_bytes() > 0 ? 0 : 1;
  publish::SnapshotServer& other = *servers[1 - source];
  const SteadyTime begin = SteadyNow();
  servers[source].reset();
  const auto second = MakeSnapshot(2);
  ASSERT_TRUE(other.Publish(second).ok());
  ASSERT_TRUE(Eventually([&] { return Serves(other, "proxy-0", second->version()); }));
  std::printf("[ measured ] source gone to new version from the other: %.0f ms\n", MillisecondsSince(begin));
  EXPECT_EQ(proxy->applied(), (std::vector{first->version(), second->version()}));
}

TEST_F(Fleet, ControllerWithoutConfigurationIsNoSource) {
  const auto empty = StartServer();
  const auto ready = StartServer();
  const auto snapshot = MakeSnapshot(1);
  ASSERT_TRUE(ready->Publish(snapshot).ok());
  const auto proxy = StartProxy("proxy-0", {empty->port(), ready->port()});
  ASSERT_TRUE(Eventually([&] { return Serves(*ready, "proxy-0", snapshot->version()); }));
  // Once it has one, it is told what the proxy serves.
  ASSERT_TRUE(empty->Publish(snapshot).ok());
  EXPECT_TRUE(Eventually([&] { return Serves(*empty, "proxy-0", snapshot->version()); }));
}

TEST_F(Fleet, HundredProxiesFollowOneController) {
  const auto server = StartServer();
  std::vector<std::unique_ptr<TestProxy>> proxies;
  for (int i = 0; i < 100; ++i) {
    proxies.push_back(StartProxy("proxy-" + std::to_string(i), {server->port()}));
  }
  const auto everyone_serves = [&](const std::string& version) {
    const std::vector<publish::ProxyState> states = server->Proxies();
    return states.size() == proxies.size() &&
           std::all_of(states.begin(), states.end(), [&](const publish::ProxyState& state) {
             return state.connected && state.version == version;
           });
  };
  const auto first = MakeSnapshot(1);
  ASSERT_TRUE(server->Publish(first).ok());
  ASSERT_TRUE(Eventually([&] { return everyone_serves(first->version()); }));
  const auto second = MakeSnapshot(2, {.resources = 1'000, .bytes_each = 1'000});
  const SteadyTime begin = SteadyNow();
  ASSERT_TRUE(server->Publish(second).ok());
  ASSERT_TRUE(Eventually([&] { return everyone_serves(second->version()); }));
  std::printf("[ measured ] 1 MB to 100 proxies, all acknowledged: %.0f ms\n", MillisecondsSince(begin));
}

}  // namespace
}  // namespace tollgate::push
