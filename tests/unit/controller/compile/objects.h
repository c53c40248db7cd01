// Objects for the compiler's tests, whole and valid, for a test to change the one thing that it is about; and
// a fixture that holds them, compiles them and looks things up in what comes out.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/snapshot_hash.h"
#include "controller/compile/compiler.h"

namespace tollgate::compile {

inline resource::ObjectName NameOf(std::string_view text) {
  const size_t slash = text.find('/');
  return {std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

inline resource::ObjectMeta Meta(std::string_view name, int64_t created = 100) {
  return {.name = NameOf(name),
          .uid = std::string(name),
          .resource_version = "1",
          .generation = 1,
          .created = created};
}

inline resource::Target ToService(std::string service, std::variant<std::string, int> port = "http") {
  return {.service = {.name = std::move(service), .port = std::move(port)}, .weight = 1, .rewrite_path = {}};
}

inline resource::Rule MakeRule(std::string name, std::string path) {
  resource::Rule rule;
  rule.name = std::move(name);
  rule.matches = {
      {.methods = {"GET"}, .path = resource::PathMatch{resource::PathMatch::Type::kPrefix, std::move(path)}}};
  rule.targets = {ToService("quotes")};
  return rule;
}

// Serves api.example.com/v1 to callers of the plan gold from the Service quotes.
inline resource::GatewayRoute MakeRoute(std::string_view name, int64_t created = 100) {
  resource::GatewayRoute route;
  route.meta = Meta(name, created);
  route.hosts = {"api.example.com"};
  route.plans = {"gold"};
  route.rules = {MakeRule("all", "/v1")};
  return route;
}

inline resource::ApiPlan MakePlan(std::string_view name) {
  resource::ApiPlan plan;
  plan.meta = Meta(name);
  return plan;
}

inline resource::ConsumerEntry MakeEntry(std::string name, std::vector<std::string> keys) {
  resource::ConsumerEntry entry;
  entry.entry = name;
  entry.id = std::move(name);
  for (const std::string& key : keys) entry.keys.push_back({.digest = Sha256(key), .expires_us = 0});
  return entry;
}

inline resource::ConsumerSecret MakeSecret(std::string_view name, std::string plan,
                                           std::vector<resource::ConsumerEntry> entries,
                                           int64_t created = 100) {
  resource::ConsumerSecret secret;
  secret.meta = Meta(name, created);
  secret.plan = std::move(plan);
  secret.entries = std::move(entries);
  return secret;
}

// One port: 80, named http.
inline resource::Service MakeService(std::string_view name) {
  resource::Service service;
  service.meta = Meta(name);
  service.ports = {{.name = "http", .port = 80}};
  return service;
}

inline resource::SliceEndpoint At(std::string address) {
  resource::SliceEndpoint endpoint;
  endpoint.addresses = {std::move(address)};
  return endpoint;
}

// A slice of the Service of the same namespace; its pods listen on 8080, named http.
inline resource::EndpointSlice MakeSlice(std::string_view name, std::string service,
                                         std::vector<resource::SliceEndpoint> endpoints) {
  resource::EndpointSlice slice;
  slice.meta = Meta(name);
  slice.service = std::move(service);
  slice.endpoints = std::move(endpoints);
  slice.ports = {{.name = "http", .port = 8080}};
  return slice;
}

class CompilerTest : public ::testing::Test {
 protected:
  template <class T>
  void Put(T object) {
    store_.Upsert(std::move(object));
  }

  // The plan gold with a caller, and the Service quotes with a pod, in a namespace.
  void PutSurroundings(const std::string& space = "market") {
    Put(MakePlan(space + "/gold"));
    Put(MakeSecret(space + "/gold-keys", "gold", {MakeEntry("alice", {"key of alice in " + space})}));
    Put(MakeService(space + "/quotes"));
    Put(MakeSlice(space + "/quotes-1", "quotes", {At("10.0.0.1")}));
  }

  // Compiles all objects; what comes out is always a snapshot that a proxy would take.
  void Compile() {
    compiled_ = compile::Compile(store_.objects(), options_);
    const Status<> status = api::VerifySnapshot(compiled_.snapshot);
    EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.error().message);
  }

  // The body of a resource; nothing where the snapshot has none of that kind and name.
  std::optional<api::Route> RouteNamed(const std::string& name) const {
    return Body<api::Route>(api::ROUTE, name);
  }
  std::optional<api::Plan> PlanNamed(const std::string& name) const {
    return Body<api::Plan>(api::PLAN, name);
  }
  std::optional<api::Consumer> ConsumerNamed(const std::string& name) const {
    return Body<api::Consumer>(api::CONSUMER, name);
  }
  std::optional<api::Upstream> UpstreamNamed(const std::string& name) const {
    return Body<api::Upstream>(api::UPSTREAM, name);
  }

  std::optional<api::Settings> SettingsInside() const {
    return Body<api::Settings>(api::SETTINGS, api::kSettingsName);
  }

  const ObjectVerdict* VerdictOn(const std::string& kind, const std::string& name) const {
    for (const ObjectVerdict& verdict : compiled_.verdicts) {
      if (verdict.kind == kind && verdict.name == NameOf(name)) return &verdict;
    }
    return nullptr;
  }

  // The condition as "Type=True/Reason: message"; empty where there is none of that type.
  std::string ConditionOf(const std::string& kind, const std::string& name, const std::string& type) const {
    const ObjectVerdict* verdict = VerdictOn(kind, name);
    if (verdict == nullptr) return "";
    for (const Condition& condition : verdict->conditions) {
      if (condition.type != type) continue;
      return type + (condition.status ? "=True/" : "=False/") + condition.reason + ": " + condition.message;
    }
    return "";
  }
  std::string RouteCondition(const std::string& name, const std::string& type) const {
    return ConditionOf("GatewayRoute", name, type);
  }
  std::string PlanCondition(const std::string& name, const std::string& type) const {
    return ConditionOf("ApiPlan", name, type);
  }

  store::ResourceStore store_;
  CompilerOptions options_;
  Compiled compiled_;

 private:
  template <class Message>
  std::optional<Message> Body(api::ResourceKind kind, const std::string& name) const {
    for (const api::Resource& resource : compiled_.snapshot.resources()) {
      if (resource.kind() != kind || resource.name() != name) continue;
      Message message;
      EXPECT_TRUE(message.ParseFromString(resource.body())) << name;
      return message;
    }
    return std::nullopt;
  }
};

}  // namespace tollgate::compile
