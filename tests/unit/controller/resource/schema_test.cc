#include "controller/resource/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "controller/resource/crd.h"

namespace tollgate::resource {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

json Plan() {
  return json::parse(
      R"({"apiVersion": "tollgate.dev/v1alpha1", "kind": "ApiPlan", "metadata": {"name": "gold"},
      "spec": {"credentials": {"apiKeys": {"from": [{"type": "Header", "name": "X-Api-Key"}]}}}})");
}

json Route() {
  return json::parse(R"({"apiVersion": "tollgate.dev/v1alpha1", "kind": "GatewayRoute",
      "metadata": {"name": "quotes"}, "spec": {"access": "Public", "rules": [{"name": "all",
      "upstream": {"targets": [{"serviceRef": {"name": "quotes", "port": "http"}}]}}]}})");
}

json& Target(json& route) { return route["spec"]["rules"][0]["upstream"]["targets"][0]; }

TEST(Schema, ACrdFitsIntoTheAnnotationOfClientSideApply) {
  EXPECT_LE(GatewayRouteCrd().dump().size(), 110U * 1024);
  EXPECT_LE(ApiPlanCrd().dump().size(), 110U * 1024);
}

// kubectl explain reads like a sentence only where each field has one.
void ExpectDescribed(const json& schema, const std::string& path) {
  const json properties = schema.value("properties", json::object());
  for (const auto& [name, property] : properties.items()) {
    const std::string at = path + "." + name;
    const bool is_meta = at.starts_with(".metadata");
    const std::string description = property.value("description", "");
    EXPECT_TRUE(is_meta || description.ends_with('.')) << at << " needs a description that is a sentence";
    ExpectDescribed(property, at);
    if (property.contains("items")) ExpectDescribed(property["items"], at);
  }
}

TEST(Schema, EveryFieldIsDescribedByASentence) {
  ExpectDescribed(SchemaOfCrd(GatewayRouteCrd()), "");
  ExpectDescribed(SchemaOfCrd(ApiPlanCrd()), "");
}

// A default written by the apiserver would beat inheritance and drift under GitOps.
void ExpectDefaultsOnUnionTypesOnly(const json& schema, const std::string& name) {
  if (!schema.is_object()) return;
  const bool has_default = schema.contains("default") && !schema["default"].is_object();
  EXPECT_TRUE(!has_default || name == "type") << name;
  for (const auto& [key, child] : schema.items()) ExpectDefaultsOnUnionTypesOnly(child, key);
}

TEST(Schema, OnlyTheTypeOfAUnionHasADefault) {
  ExpectDefaultsOnUnionTypesOnly(SchemaOfCrd(GatewayRouteCrd()), "");
  ExpectDefaultsOnUnionTypesOnly(SchemaOfCrd(ApiPlanCrd()), "");
}

TEST(Schema, AcceptsTheSmallestObjects) {
  EXPECT_THAT(CheckSchema(GatewayRouteSchema(), Route()), IsEmpty());
  EXPECT_THAT(CheckSchema(ApiPlanSchema(), Plan()), IsEmpty());
}

TEST(Schema, APortIsANameOrANumber) {
  json route = Route();
  Target(route)["serviceRef"]["port"] = 65535;
  EXPECT_THAT(CheckSchema(GatewayRouteSchema(), route), IsEmpty());
  Target(route)["serviceRef"]["port"] = true;
  EXPECT_THAT(
      CheckSchema(GatewayRouteSchema(), route),
      ElementsAre(Mistake{"spec.rules[0].upstream.targets[0].serviceRef.port",
                          "Invalid value: \"boolean\": spec.rules[0].upstream.targets[0].serviceRef.port "
                          "in body must be of type integer,string: \"boolean\""}));
}

TEST(Schema, ANullMemberCountsAsAbsentAsTheApiserverPrunesIt) {
  json route = Route();
  route["spec"]["hosts"] = nullptr;
  EXPECT_THAT(CheckSchema(GatewayRouteSchema(), route), IsEmpty());
  route["spec"]["rules"] = nullptr;
  EXPECT_THAT(CheckSchema(GatewayRouteSchema(), route), ElementsAre(Mistake{"spec.rules", "Required value"}));
}

TEST(Schema, TheStatusIsNotTheAuthorsAndIsNotJudged) {
  json route = Route();
  route["status"] = {{"fromTheFuture", true}};
  EXPECT_THAT(CheckSchema(GatewayRouteSchema(), route), IsEmpty());
}

TEST(Schema, LengthsCountCharactersAndNotBytes) {
  json plan = Plan();
  std::string name;
  for (int i = 0; i < 63; ++i) name += "ü";
  plan["spec"]["displayName"] = name;
  EXPECT_THAT(CheckSchema(ApiPlanSchema(), plan), IsEmpty());
  plan["spec"]["displayName"] = name + "ü";
  EXPECT_THAT(CheckSchema(ApiPlanSchema(), plan),
              ElementsAre(Mistake{"spec.displayName", "Too long: may not be more than 63 bytes"}));
}

TEST(Schema, WhatStandsInAListBeyondItsBoundIsNotLookedAt) {
  json route = Route();
  route["spec"]["hosts"] = json::array();
  for (int i = 0; i < 1000; ++i) route["spec"]["hosts"].push_back(i);
  EXPECT_THAT(CheckSchema(GatewayRouteSchema(), route),
              ElementsAre(Mistake{"spec.hosts", "Too many: 1000: must have at most 64 items"}));
}

TEST(Schema, ANumberBeyondSixtyFourBitsIsAboveEveryMaximum) {
  json route = Route();
  Target(route)["weight"] = UINT64_MAX;
  EXPECT_THAT(
      CheckSchema(GatewayRouteSchema(), route),
      ElementsAre(testing::Field(&Mistake::message, testing::HasSubstr("less than or equal to 1000"))));
}

}  // namespace
}  // namespace tollgate::resource
