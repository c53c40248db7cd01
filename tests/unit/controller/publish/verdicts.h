// Verdicts, proxies and inputs for the status tests.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "controller/publish/status_input.h"

namespace tollgate::publish {

inline const std::string kFirst(32, '1');
inline const std::string kSecond(32, '2');
inline const std::string kThird(32, '3');

inline compile::ObjectVerdict Route(const std::string& name, int64_t generation = 1) {
  compile::ObjectVerdict verdict;
  verdict.kind = "GatewayRoute";
  verdict.name = {"market", name};
  verdict.generation = generation;
  verdict.conditions = {{"Accepted", true, "Accepted", "The route is valid"},
                        {"ResolvedRefs", true, "ResolvedRefs", "Every reference is resolved"}};
  verdict.hosts = {"api.example.com"};
  verdict.rule_count = 2;
  return verdict;
}

inline compile::ObjectVerdict InvalidRoute(const std::string& name, int64_t generation = 1) {
  compile::ObjectVerdict verdict = Route(name, generation);
  verdict.conditions[0] = {"Accepted", false, "Invalid", "spec.hosts[0]: write a host"};
  return verdict;
}

inline compile::ObjectVerdict Plan(const std::string& name, int64_t generation = 1) {
  compile::ObjectVerdict verdict;
  verdict.kind = "ApiPlan";
  verdict.name = {"market", name};
  verdict.generation = generation;
  verdict.conditions = {{"Accepted", true, "Accepted", "The plan is valid"}};
  verdict.consumer_count = 3;
  verdict.attached_routes = 1;
  return verdict;
}

inline ObjectKey KeyOf(const compile::ObjectVerdict& verdict) { return {verdict.kind, verdict.name}; }

inline ProxyState Serving(const std::string& proxy, const std::string& version) {
  return {.proxy = proxy,
          .version = version,
          .acknowledged = version,
          .refusal = {},
          .connected = true,
          .stores = {{kLimitsStore, {}}}};
}

// A proxy that serves the first version and says this of its limits store.
inline ProxyState Counting(const std::string& proxy, const StoreState& limits) {
  ProxyState state = Serving(proxy, kFirst);
  state.stores = {{kLimitsStore, limits}};
  return state;
}

inline ProxyState Reaching(const std::string& proxy) {
  return Counting(proxy, {.configured = true, .reachable = true, .evicting = false, .reason = {}});
}

inline ProxyState CutOff(const std::string& proxy, const std::string& reason = "connection refused") {
  return Counting(proxy, {.configured = true, .reachable = false, .evicting = false, .reason = reason});
}

inline ProxyState Silent(const std::string& proxy) {
  ProxyState state = Serving(proxy, kFirst);
  state.stores.clear();
  return state;
}

inline ProxyState Refusing(const std::string& proxy, const std::string& serves, const std::string& refused) {
  return {.proxy = proxy,
          .version = serves,
          .acknowledged = refused,
          .refusal = "rule quotes has no target",
          .connected = true,
          .stores = {{kLimitsStore, {}}}};
}

inline ProxyState Left(const std::string& proxy, const std::string& version) {
  ProxyState state = Serving(proxy, version);
  state.connected = false;
  return state;
}

using Verdicts = std::vector<compile::ObjectVerdict>;

// What a compile gives; the same input with other proxies is no new compile.
inline StatusInput Compiled(Verdicts verdicts, const std::string& version, std::vector<ProxyState> proxies) {
  return {.verdicts = std::make_shared<const Verdicts>(std::move(verdicts)),
          .uids = nullptr,
          .version = version,
          .publish_fault = {},
          .proxies = std::move(proxies)};
}

}  // namespace tollgate::publish
