// A route with one plan and one caller, for tests of what plans promise.
#pragma once

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "api/base/digest.h"

namespace tollgate {

inline constexpr char kLimitedKey[] = "a-key-for-the-limits-test";
inline const std::vector<std::string> kLimitedHeaders = {"Host: a.example",
                                                         std::string("X-Api-Key: ") + kLimitedKey};

// `terms`: what the plan's spec says besides its credentials.
inline std::string LimitedPlan(const std::string& terms) {
  return R"(
apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: limited, namespace: test}
spec:
  hosts: [a.example]
  plans: [{name: plan}]
  rules: [{name: all, upstream: {targets: [{type: Service, serviceRef: {name: upstream, port: http}}]}}]
---
apiVersion: v1
kind: Secret
metadata: {name: callers, namespace: test, labels: {tollgate.dev/plan: plan}}
type: tollgate.dev/api-keys
stringData: {caller: "sha256:)" +
         ToHex(AsBytes(Sha256(kLimitedKey))) + R"("}
---
apiVersion: tollgate.dev/v1alpha1
kind: ApiPlan
metadata: {name: plan, namespace: test}
spec:
  displayName: Plan
  credentials: {apiKeys: {from: [{type: Header, name: X-Api-Key}]}}
)" + terms;
}

// The whole lines of an access log.
inline std::vector<nlohmann::json> LogLines(const std::string& log) {
  std::vector<nlohmann::json> lines;
  std::istringstream text(log);
  for (std::string line; std::getline(text, line);) {
    nlohmann::json entry = nlohmann::json::parse(line, nullptr, false);
    if (!entry.is_discarded()) lines.push_back(std::move(entry));
  }
  return lines;
}

}  // namespace tollgate
