// Which endpoints of a Service's slices a proxy may send requests to.
#include <gmock/gmock.h>

#include "tests/unit/controller/compile/objects.h"

namespace tollgate::compile {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class EndpointsTest : public CompilerTest {
 protected:
  EndpointsTest() {
    PutSurroundings();
    Put(MakeRoute("market/quotes"));
  }

  void PutEndpoint(bool ready, bool serving, bool terminating) {
    resource::SliceEndpoint endpoint = At("10.0.0.1");
    endpoint.ready = ready;
    endpoint.serving = serving;
    endpoint.terminating = terminating;
    Put(MakeSlice("market/quotes-1", "quotes", {endpoint}));
  }

  // "address:port", with a "~" behind those that are shutting down.
  std::vector<std::string> Endpoints(const std::string& upstream = "market/quotes:http") {
    Compile();
    std::vector<std::string> found;
    const auto compiled = UpstreamNamed(upstream).value_or(api::Upstream());
    for (const api::Endpoint& endpoint : compiled.endpoints()) {
      found.push_back(endpoint.address() + ":" + std::to_string(endpoint.port()) +
                      (endpoint.terminating() ? "~" : ""));
    }
    return found;
  }
};

TEST_F(EndpointsTest, ReadyOnesAreIn) {
  PutEndpoint(true, true, false);
  EXPECT_THAT(Endpoints(), ElementsAre("10.0.0.1:8080"));
}

TEST_F(EndpointsTest, TerminatingOnesThatServeAreMarked) {
  PutEndpoint(false, true, true);
  EXPECT_THAT(Endpoints(), ElementsAre("10.0.0.1:8080~"));
}

TEST_F(EndpointsTest, OthersAreOut) {
  PutEndpoint(false, false, true);
  EXPECT_THAT(Endpoints(), IsEmpty());
  PutEndpoint(false, false, false);
  EXPECT_THAT(Endpoints(), IsEmpty());
  PutEndpoint(false, true, false);
  EXPECT_THAT(Endpoints(), IsEmpty());
}

TEST_F(EndpointsTest, AllSlicesOfTheServiceCountOnceAndSorted) {
  Put(MakeSlice("market/quotes-1", "quotes", {At("10.0.0.3"), At("10.0.0.1")}));
  Put(MakeSlice("market/quotes-2", "quotes", {At("10.0.0.2"), At("10.0.0.1")}));
  Put(MakeSlice("market/other-1", "other", {At("10.0.0.9")}));
  Put(MakeSlice("rival/quotes-1", "quotes", {At("10.0.0.8")}));
  EXPECT_THAT(Endpoints(), ElementsAre("10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.3:8080"));
}

TEST_F(EndpointsTest, EndpointInTwoSlicesIsAsWellAsTheBetterOneSays) {
  resource::SliceEndpoint leaving = At("10.0.0.1");
  leaving.ready = false;
  leaving.terminating = true;
  Put(MakeSlice("market/quotes-1", "quotes", {leaving}));
  Put(MakeSlice("market/quotes-2", "quotes", {At("10.0.0.1")}));
  EXPECT_THAT(Endpoints(), ElementsAre("10.0.0.1:8080"));
}

TEST_F(EndpointsTest, SliceOfNamesIsLeftOutAndTheRouteSaysSo) {
  resource::EndpointSlice names = MakeSlice("market/quotes-1", "quotes", {At("quotes.example.com")});
  names.is_fqdn = true;
  Put(names);
  EXPECT_THAT(Endpoints(), IsEmpty());
  EXPECT_EQ(RouteCondition("market/quotes", "ResolvedRefs"),
            "ResolvedRefs=True/NoEndpoints: spec.rules[0].upstream.targets[0].serviceRef: Service "
            "market/quotes:http has no endpoint with an address: requests get 503, an EndpointSlice of "
            "addressType FQDN is not forwarded to; give it one of type IPv4 or IPv6");
  Put(MakeSlice("market/quotes-2", "quotes", {At("10.0.0.2")}));
  EXPECT_THAT(Endpoints(), ElementsAre("10.0.0.2:8080"));
  EXPECT_THAT(RouteCondition("market/quotes", "ResolvedRefs"), HasSubstr("Every reference is resolved"));
}

TEST_F(EndpointsTest, PortsOfSlicesAreFoundByTheServicePortsName) {
  resource::EndpointSlice slice = MakeSlice("market/quotes-1", "quotes", {At("10.0.0.1")});
  slice.ports = {
      {.name = "metrics", .port = 9090}, {.name = "http", .port = 8080}, {.name = "http", .port = {}}};
  Put(slice);
  EXPECT_THAT(Endpoints(), ElementsAre("10.0.0.1:8080"));
}

TEST_F(EndpointsTest, UnnamedPortIsFoundByNumberAndNamesTheUpstreamByIt) {
  resource::Service service = MakeService("market/quotes");
  service.ports = {{.name = "", .port = 80}};
  Put(service);
  resource::EndpointSlice slice = MakeSlice("market/quotes-1", "quotes", {At("10.0.0.1")});
  slice.ports[0].name = "";
  Put(slice);
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.rules[0].targets = {ToService("quotes", 80)};
  Put(route);
  EXPECT_THAT(Endpoints("market/quotes:80"), ElementsAre("10.0.0.1:8080"));
}

TEST_F(EndpointsTest, PortByNameAndByNumberIsOneUpstream) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.rules[0].targets = {ToService("quotes", "http"), ToService("quotes", 80)};
  Put(route);
  Compile();
  const auto rule = RouteNamed("market/quotes")->rules(0);
  EXPECT_EQ(rule.targets(0).upstream(), "market/quotes:http");
  EXPECT_EQ(rule.targets(1).upstream(), "market/quotes:http");
}

TEST_F(EndpointsTest, ServicesThatNoRuleForwardsToAreLeftOut) {
  Put(MakeService("market/idle"));
  Put(MakeSlice("market/idle-1", "idle", {At("10.0.0.7")}));
  Compile();
  EXPECT_FALSE(UpstreamNamed("market/idle:http"));
}

}  // namespace
}  // namespace tollgate::compile
