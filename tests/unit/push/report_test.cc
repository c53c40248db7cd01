// What proxies say of their stores reaches every controller, over the real push.
#include <atomic>
#include <optional>
#include <thread>

#include "tests/unit/push/push_fixture.h"

namespace tollgate::push {
namespace {

using publish::StoreState;

api::StoreHealth Health(const std::string& store, bool reachable, const std::string& reason = {}) {
  api::StoreHealth health;
  health.set_store(store);
  health.set_configured(true);
  health.set_reachable(reachable);
  health.set_reason(reason);
  return health;
}

class Report : public PushTest {
 protected:
  // What a controller knows of a proxy's limits store; nothing where the proxy has not reported.
  static std::optional<StoreState> LimitsOf(const publish::SnapshotServer& server, const std::string& proxy) {
    const publish::ProxyState state = StateOf(server, proxy);
    const auto limits = state.stores.find(publish::kLimitsStore);
    return limits == state.stores.end() ? std::nullopt : std::optional(limits->second);
  }
  static bool Knows(const publish::SnapshotServer& server, const std::string& proxy,
                    const StoreState& limits) {
    return Eventually([&] { return LimitsOf(server, proxy) == limits; });
  }
};

TEST_F(Report, ArrivesAtEveryController) {
  const auto first = StartServer();
  const auto second = StartServer();
  ASSERT_TRUE(first->Publish(MakeSnapshot(1)).ok());
  ASSERT_TRUE(second->Publish(MakeSnapshot(1)).ok());
  const auto proxy = StartProxy("proxy-0", {first->port(), second->port()});
  proxy->receiver().ReportStores({Health("limits", false, "connection refused"), Health("cache", true)});
  const StoreState refused = {
      .configured = true, .reachable = false, .evicting = false, .reason = "connection refused"};
  EXPECT_TRUE(Knows(*first, "proxy-0", refused));
  EXPECT_TRUE(Knows(*second, "proxy-0", refused));
  EXPECT_TRUE(StateOf(*first, "proxy-0").stores.at("cache").reachable);
}

TEST_F(Report, ChangeArrives) {
  const auto server = StartServer();
  ASSERT_TRUE(server->Publish(MakeSnapshot(1)).ok());
  const auto proxy = StartProxy("proxy-0", {server->port()});
  proxy->receiver().ReportStores({Health("limits", true)});
  ASSERT_TRUE(
      Knows(*server, "proxy-0", {.configured = true, .reachable = true, .evicting = false, .reason = {}}));
  api::StoreHealth evicting = Health("limits", true);
  evicting.set_evicting(true);
  proxy->receiver().ReportStores({evicting});
  EXPECT_TRUE(
      Knows(*server, "proxy-0", {.configured = true, .reachable = true, .evicting = true, .reason = {}}));
}

TEST_F(Report, ProxyThatSaysNothingIsNotKnownOf) {
  const auto server = StartServer();
  const auto snapshot = MakeSnapshot(1);
  ASSERT_TRUE(server->Publish(snapshot).ok());
  const auto proxy = StartProxy("proxy-0", {server->port()});
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", snapshot->version()); }));
  EXPECT_TRUE(StateOf(*server, "proxy-0").stores.empty());
}

TEST_F(Report, IsRepeatedToAControllerThatStartsAnew) {
  auto server = StartServer();
  ASSERT_TRUE(server->Publish(MakeSnapshot(1)).ok());
  const auto proxy = StartProxy("proxy-0", {server->port()});
  proxy->receiver().ReportStores({Health("limits", true)});
  const StoreState reached = {.configured = true, .reachable = true, .evicting = false, .reason = {}};
  ASSERT_TRUE(Knows(*server, "proxy-0", reached));
  publish::SnapshotServerOptions options = ServerOptions();
  options.address = "127.0.0.1:" + std::to_string(server->port());
  server.reset();
  server = StartServer(options);
  ASSERT_TRUE(server->Publish(MakeSnapshot(1)).ok());
  EXPECT_TRUE(Knows(*server, "proxy-0", reached));
}

TEST_F(Report, OfManyChangesTheLastOneStands) {
  const auto server = StartServer();
  ASSERT_TRUE(server->Publish(MakeSnapshot(1)).ok());
  const auto proxy = StartProxy("proxy-0", {server->port()});
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&proxy, thread] {
      for (int i = 0; i < 200; ++i) {
        proxy->receiver().ReportStores({Health("limits", i % 2 == 0, std::to_string(thread * 1'000 + i))});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  proxy->receiver().ReportStores({Health("limits", true, "the last")});
  EXPECT_TRUE(Knows(*server, "proxy-0",
                    {.configured = true, .reachable = true, .evicting = false, .reason = "the last"}));
}

// A message that the other end cannot read would end the stream, again and again.
TEST_F(Report, ReasonOfAnyBytesAndAnyLengthIsTaken) {
  const auto server = StartServer();
  ASSERT_TRUE(server->Publish(MakeSnapshot(1)).ok());
  const auto proxy = StartProxy("proxy-0", {server->port()});
  std::string reason = "\xFF\xFE";
  for (int i = 0; i < 50'000; ++i) reason += "ä";
  proxy->receiver().ReportStores({Health("limits", false, reason)});
  EXPECT_TRUE(Knows(*server, "proxy-0",
                    {.configured = true,
                     .reachable = false,
                     .evicting = false,
                     .reason = reason.substr(0, api::kPushReasonBytes)}));
}

TEST_F(Report, ControllerIsToldOfTheChange) {
  std::atomic<int> changes{0};
  publish::SnapshotServerOptions options = ServerOptions();
  options.on_change = [&] { ++changes; };
  const auto server = StartServer(options);
  const auto snapshot = MakeSnapshot(1);
  ASSERT_TRUE(server->Publish(snapshot).ok());
  const auto proxy = StartProxy("proxy-0", {server->port()});
  ASSERT_TRUE(Eventually([&] { return Serves(*server, "proxy-0", snapshot->version()); }));
  // The ring of the acknowledgement may still be on its way; the one that the report causes comes after it.
  ASSERT_TRUE(Eventually([&] { return changes > 0; }));
  const int before = changes;
  proxy->receiver().ReportStores({Health("limits", true)});
  EXPECT_TRUE(Eventually([&] { return changes > before; }));
}

}  // namespace
}  // namespace tollgate::push
