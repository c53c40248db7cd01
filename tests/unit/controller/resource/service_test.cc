#include "controller/resource/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/controller/resource/manifests.h"

namespace tollgate::resource {
namespace {

using testing::ElementsAre;

TEST(Service, PortsAreReadAndEverythingElseIsPassedOver) {
  const Service service = ParseOne<Service>(R"(
apiVersion: v1
kind: Service
metadata: {name: quotes, namespace: market}
spec:
  clusterIP: 10.96.0.7
  selector: {app: quotes}
  ports:
  - {name: http, port: 80, targetPort: web, protocol: TCP}
  - {port: 81}
  - {name: broken, port: 0}
)");
  EXPECT_FALSE(service.is_external_name);
  ASSERT_EQ(service.ports.size(), 2U);
  EXPECT_EQ(service.ports[0].name, "http");
  EXPECT_EQ(service.ports[0].port, 80);
  EXPECT_EQ(service.ports[1].name, "");
}

TEST(Service, AnExternalNameIsToldApart) {
  EXPECT_TRUE(ParseOne<Service>("apiVersion: v1\nkind: Service\nmetadata: {name: a}\n"
                                "spec: {type: ExternalName, externalName: example.com}\n")
                  .is_external_name);
}

EndpointSlice Slice(const std::string& endpoints) {
  return ParseOne<EndpointSlice>(
      "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
      "metadata: {name: quotes-x7, namespace: market, labels: {kubernetes.io/service-name: quotes}}\n"
      "addressType: IPv4\nports: [{name: http, port: 8080}, {name: all}]\nendpoints:\n" +
      endpoints);
}

TEST(EndpointSlice, BelongsToTheServiceOfItsLabel) {
  const EndpointSlice slice = Slice("- {addresses: [10.0.0.1, 10.0.0.2], nodeName: n1}\n");
  EXPECT_EQ(slice.service, "quotes");
  ASSERT_EQ(slice.ports.size(), 2U);
  EXPECT_EQ(slice.ports[0].port, 8080);
  EXPECT_EQ(slice.ports[1].port, std::nullopt);
  EXPECT_THAT(slice.endpoints.at(0).addresses, ElementsAre("10.0.0.1", "10.0.0.2"));
}

TEST(EndpointSlice, OfNamesIsToldApart) {
  EXPECT_FALSE(Slice("- addresses: [10.0.0.1]\n").is_fqdn);
  EXPECT_TRUE(ParseOne<EndpointSlice>("apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
                                      "metadata: {name: a}\naddressType: FQDN\n"
                                      "endpoints: [{addresses: [db.example.com]}]\n")
                  .is_fqdn);
}

TEST(EndpointSlice, AbsentConditionsMeanReady) {
  const SliceEndpoint endpoint = Slice("- addresses: [10.0.0.1]\n").endpoints.at(0);
  EXPECT_TRUE(endpoint.ready);
  EXPECT_TRUE(endpoint.serving);
  EXPECT_FALSE(endpoint.terminating);
}

TEST(EndpointSlice, AbsentServingIsAsReady) {
  const EndpointSlice slice = Slice(
      "- {addresses: [10.0.0.1], conditions: {ready: false}}\n"
      "- {addresses: [10.0.0.2], conditions: {ready: false, serving: true, terminating: true}}\n");
  EXPECT_FALSE(slice.endpoints.at(0).serving);
  EXPECT_TRUE(slice.endpoints.at(1).serving);
  EXPECT_TRUE(slice.endpoints.at(1).terminating);
}

}  // namespace
}  // namespace tollgate::resource
