// How many proxies there are, as they are told: by the ready endpoints of their Service.
#include <gmock/gmock.h>

#include "tests/unit/controller/compile/objects.h"

namespace tollgate::compile {
namespace {

class SettingsTest : public CompilerTest {
 protected:
  SettingsTest() { options_.proxy_service = NameOf("gateway/proxies"); }

  // As the snapshot says; nothing where it does not.
  std::optional<uint32_t> Proxies() {
    Compile();
    const auto settings = SettingsInside();
    return settings ? std::optional(settings->proxies()) : std::nullopt;
  }
};

TEST_F(SettingsTest, NothingIsSaidWhereTheServiceIsNotNamed) {
  options_.proxy_service.reset();
  Put(MakeSlice("gateway/proxies-1", "proxies", {At("10.0.0.1")}));
  EXPECT_EQ(Proxies(), std::nullopt);
}

TEST_F(SettingsTest, ServiceWithoutSlicesHasNoProxies) { EXPECT_EQ(Proxies(), 0U); }

TEST_F(SettingsTest, ReadyEndpointsOfAllItsSlicesCount) {
  Put(MakeSlice("gateway/proxies-1", "proxies", {At("10.0.0.1"), At("10.0.0.2")}));
  Put(MakeSlice("gateway/proxies-2", "proxies", {At("10.0.0.3")}));
  EXPECT_EQ(Proxies(), 3U);
}

TEST_F(SettingsTest, AddressInTwoSlicesCountsOnce) {
  Put(MakeSlice("gateway/proxies-1", "proxies", {At("10.0.0.1"), At("10.0.0.2")}));
  Put(MakeSlice("gateway/proxies-2", "proxies", {At("10.0.0.2")}));
  EXPECT_EQ(Proxies(), 2U);
}

TEST_F(SettingsTest, PodWithAddressesOfBothFamiliesCountsOnce) {
  Put(MakeSlice("gateway/proxies-4", "proxies", {At("10.0.0.1"), At("10.0.0.2")}));
  Put(MakeSlice("gateway/proxies-6", "proxies", {At("fd00::1"), At("fd00::2")}));
  EXPECT_EQ(Proxies(), 2U);
}

TEST_F(SettingsTest, OnesThatAreNotReadyDoNotCount) {
  resource::SliceEndpoint starting = At("10.0.0.2");
  starting.ready = false;
  resource::SliceEndpoint ending = At("10.0.0.3");
  ending.ready = false;
  ending.terminating = true;
  Put(MakeSlice("gateway/proxies-1", "proxies", {At("10.0.0.1"), starting, ending, {}}));
  EXPECT_EQ(Proxies(), 1U);
}

TEST_F(SettingsTest, OtherServicesAndNamespacesDoNotCount) {
  Put(MakeSlice("gateway/others-1", "others", {At("10.0.0.1")}));
  Put(MakeSlice("market/proxies-1", "proxies", {At("10.0.0.2")}));
  EXPECT_EQ(Proxies(), 0U);
}

TEST_F(SettingsTest, ChangeOfTheCountChangesThatResourceAlone) {
  PutSurroundings();
  Put(MakeRoute("market/quotes"));
  Put(MakeSlice("gateway/proxies-1", "proxies", {At("10.0.0.1")}));
  Compile();
  const api::Snapshot before = compiled_.snapshot;
  Put(MakeSlice("gateway/proxies-1", "proxies", {At("10.0.0.1"), At("10.0.0.2")}));
  Compile();
  EXPECT_NE(compiled_.snapshot.version(), before.version());
  ASSERT_EQ(compiled_.snapshot.resources_size(), before.resources_size());
  std::vector<std::string> changed;
  for (int i = 0; i < before.resources_size(); ++i) {
    if (before.resources(i).hash() != compiled_.snapshot.resources(i).hash()) {
      changed.push_back(before.resources(i).name());
    }
  }
  EXPECT_THAT(changed, testing::ElementsAre("settings"));
}

TEST_F(SettingsTest, OtherProxiesInTheSameNumberChangeNothing) {
  Put(MakeSlice("gateway/proxies-1", "proxies", {At("10.0.0.1"), At("10.0.0.2")}));
  Compile();
  const std::string before = compiled_.snapshot.version();
  Put(MakeSlice("gateway/proxies-1", "proxies", {At("10.0.0.3"), At("10.0.0.4")}));
  Compile();
  EXPECT_EQ(compiled_.snapshot.version(), before);
}

}  // namespace
}  // namespace tollgate::compile
