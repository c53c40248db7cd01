// Objects for tests, written as users write them.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "controller/resource/parse.h"

namespace tollgate::resource {

// The object of the one document of `yaml`, which the test expects to be readable and of kind T.
template <class T>
T ParseOne(const std::string& yaml) {
  const Result<std::vector<Manifest>> manifests = ReadManifests(yaml, "test.yaml");
  EXPECT_TRUE(manifests.ok()) << manifests.error().message;
  if (!manifests || manifests->size() != 1) return {};
  const std::optional<Object> object = ParseManifest(manifests->front());
  EXPECT_TRUE(object && std::holds_alternative<T>(*object));
  return object && std::holds_alternative<T>(*object) ? std::get<T>(*object) : T{};
}

// A GatewayRoute or ApiPlan with this spec, a block of YAML that is indented by two spaces.
inline GatewayRoute RouteWith(const std::string& spec) {
  return ParseOne<GatewayRoute>(
      "apiVersion: tollgate.dev/v1alpha1\nkind: GatewayRoute\nmetadata: {name: quotes, namespace: market}\n"
      "spec:\n" +
      spec);
}
inline ApiPlan PlanWith(const std::string& spec) {
  return ParseOne<ApiPlan>(
      "apiVersion: tollgate.dev/v1alpha1\nkind: ApiPlan\nmetadata: {name: gold, namespace: market}\nspec:\n" +
      spec);
}

// A Secret of plan "gold" with these entries, each "  name: text".
inline ConsumerSecret SecretWith(const std::string& entries) {
  return ParseOne<ConsumerSecret>(
      "apiVersion: v1\nkind: Secret\ntype: tollgate.dev/api-keys\n"
      "metadata: {name: callers, namespace: market, labels: {tollgate.dev/plan: gold}}\nstringData:\n" +
      entries);
}

}  // namespace tollgate::resource
