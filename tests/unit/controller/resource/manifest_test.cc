#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/controller/resource/manifests.h"

namespace tollgate::resource {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

nlohmann::json JsonOf(const std::string& yaml) {
  return nlohmann::json::parse(ReadManifests(yaml, "test.yaml")->front().json);
}

constexpr char kService[] = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n";

TEST(Manifest, EachDocumentSaysWhereItStands) {
  const auto manifests = ReadManifests(std::string(kService) + "---\n" + kService, "dir/a.yaml");
  ASSERT_TRUE(manifests.ok());
  EXPECT_THAT(*manifests, ElementsAre(Field(&Manifest::source, "dir/a.yaml:1"),
                                      Field(&Manifest::source, "dir/a.yaml:5")));
}

TEST(Manifest, AListIsTheObjectsInIt) {
  const auto manifests = ReadManifests(
      "apiVersion: v1\nkind: List\nitems:\n"
      "- {apiVersion: v1, kind: Service, metadata: {name: a}}\n"
      "- {apiVersion: apps/v1, kind: Deployment, metadata: {name: b}}\n",
      "list.yaml");
  ASSERT_TRUE(manifests.ok());
  EXPECT_THAT(*manifests,
              ElementsAre(Field(&Manifest::kind, "Service"), Field(&Manifest::kind, "Deployment")));
}

TEST(Manifest, AnItemWithoutKindRefusesTheFile) {
  const auto manifests = ReadManifests("apiVersion: v1\nkind: List\nitems: [{metadata: {}}]\n", "list.yaml");
  ASSERT_FALSE(manifests.ok());
  EXPECT_EQ(manifests.error().message,
            "list.yaml:1: this document has no apiVersion or no kind; a manifest needs both");
}

TEST(Manifest, KindsOfNoUseAreNoObjects) {
  for (const char* yaml : {"apiVersion: apps/v1\nkind: Deployment\n",
                           "apiVersion: v1\nkind: Secret\ntype: bootstrap.kubernetes.io/token\n"}) {
    const auto manifests = ReadManifests(yaml, "a.yaml");
    ASSERT_TRUE(manifests.ok());
    EXPECT_FALSE(ParseManifest(manifests->front()).has_value());
  }
}

TEST(Manifest, WithoutANamespaceAnObjectStandsInDefault) {
  EXPECT_EQ(ParseOne<Service>(kService).meta.name, (ObjectName{"default", "a"}));
}

TEST(Manifest, JsonIsYamlToo) {
  EXPECT_EQ(ParseOne<Service>(R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}})")
                .meta.name.name,
            "a");
}

TEST(Manifest, TextThatIsNotUtf8IsRefusedByFileAndLine) {
  const auto manifests =
      ReadManifests("apiVersion: v1\nkind: Service\nmetadata: {name: \"\xff\"}\n", "latin1.yaml");
  ASSERT_FALSE(manifests.ok());
  EXPECT_EQ(manifests.error().message,
            "latin1.yaml:1: this document holds text that is not UTF-8; save the file as UTF-8");
}

TEST(Manifest, AScalarIsNoManifest) {
  EXPECT_FALSE(ReadManifests("hello", "a.yaml").ok());
  EXPECT_FALSE(ReadManifests("[1, 2]", "a.yaml").ok());
}

// The same document as a file and as the apiserver hands it out.
TEST(Manifest, FieldsOfMetadataThatAreNotKnownAreMistakesInFilesOnly) {
  const auto metadata = [](const char* labels) {
    return std::string("metadata: {name: a, namespace: b, shardKey: x, labels: {") + labels + "}}\n";
  };
  const std::string route =
      "apiVersion: tollgate.dev/v1alpha1\nkind: GatewayRoute\n" + metadata("") +
      "spec: {hosts: [a.example.com], plans: [{name: gold}], rules: [{name: r, matches: "
      "[{path: {type: Prefix, value: /}}], upstream: {targets: [{type: Service, "
      "serviceRef: {name: s, port: 80}}]}}]}\n";
  const std::string plan = "apiVersion: tollgate.dev/v1alpha1\nkind: ApiPlan\n" + metadata("") +
                           "spec: {credentials: {apiKeys: {from: [{type: Header, name: X-Api-Key}]}}}\n";
  const std::string secret = "apiVersion: v1\nkind: Secret\ntype: tollgate.dev/api-keys\nrevision: 7\n" +
                             metadata("tollgate.dev/plan: gold") +
                             "stringData: {acme: 'plain:correct-horse-battery-staple'}\n";
  const Mistake unknown{"metadata.shardKey", "unknown field \"metadata.shardKey\""};
  EXPECT_THAT(ParseOne<GatewayRoute>(route).mistakes, ElementsAre(unknown));
  EXPECT_THAT(ParseOne<ApiPlan>(plan).mistakes, ElementsAre(unknown));
  EXPECT_THAT(ParseOne<ConsumerSecret>(secret).mistakes,
              ElementsAre(unknown, Mistake{"revision", "unknown field \"revision\""}));
  EXPECT_THAT(ParseGatewayRoute(JsonOf(route)).mistakes, IsEmpty());
  EXPECT_THAT(ParseApiPlan(JsonOf(plan)).mistakes, IsEmpty());
  const ConsumerSecret watched = ParseConsumerSecret(JsonOf(secret));
  EXPECT_THAT(watched.mistakes, IsEmpty());
  EXPECT_EQ(watched.entries.size(), 1U);
}

TEST(Manifest, MetadataOfTheApiserverIsRead) {
  const Service service = ParseOne<Service>(
      "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  namespace: b\n  uid: u-1\n  resourceVersion: "
      "\"77\"\n"
      "  generation: 3\n  creationTimestamp: \"2026-11-21T09:30:00Z\"\n");
  EXPECT_EQ(service.meta.uid, "u-1");
  EXPECT_EQ(service.meta.resource_version, "77");
  EXPECT_EQ(service.meta.generation, 3);
  EXPECT_EQ(service.meta.created, 1795253400);
}

}  // namespace
}  // namespace tollgate::resource
