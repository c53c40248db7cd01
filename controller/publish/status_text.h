// The status of a GatewayRoute or an ApiPlan: made of a verdict, read from an object, written as a document
// for server-side apply. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api/base/clock.h"
#include "api/base/result.h"
#include "controller/compile/condition.h"
#include "controller/publish/status_input.h"

namespace tollgate::publish {

namespace condition {
inline constexpr char kProgrammed[] = "Programmed";
inline constexpr char kEnforced[] = "Enforced";
}  // namespace condition

namespace reason {
inline constexpr char kProgrammed[] = "Programmed";
inline constexpr char kPending[] = "Pending";
inline constexpr char kProxyRefused[] = "ProxyRefused";
inline constexpr char kNoProxies[] = "NoProxies";
inline constexpr char kInProcess[] = "InProcess";
inline constexpr char kNoSharedStore[] = "NoSharedStore";
inline constexpr char kStoreReached[] = "StoreReached";
inline constexpr char kStoreUnreachable[] = "StoreUnreachable";
inline constexpr char kEvictingStore[] = "EvictingStore";
inline constexpr char kNotReported[] = "NotReported";
}  // namespace reason

// A condition as it stands in an object.
struct StatusCondition {
  std::string type;
  std::string status;  // "True", "False", "Unknown"
  std::string reason;
  std::string message;
  int64_t observed_generation = 0;
  WallMicros since = 0;  // lastTransitionTime: when `status` last changed
};

struct ObjectStatus {
  std::string installation;
  std::vector<std::string> hosts;              // GatewayRoute
  size_t rule_count = 0;                       // GatewayRoute
  std::vector<compile::RuleProblem> problems;  // GatewayRoute
  size_t consumer_count = 0;                   // ApiPlan
  size_t attached_routes = 0;                  // ApiPlan
  std::vector<StatusCondition> conditions;

  const StatusCondition* Find(const std::string& type) const;
};

// Cut to the bounds that the CRD sets.
StatusCondition MakeCondition(const compile::Condition& condition, int64_t generation);
// Without Programmed and Enforced, which are not the compiler's to know.
ObjectStatus MakeStatus(const compile::ObjectVerdict& verdict, const std::string& installation);

// Whether two statuses say the same, whatever their order and times.
bool SayTheSame(const ObjectStatus& one, const ObjectStatus& other);
// Keeps lastTransitionTime where a condition's status stays as it is in `had`; it is `now` for all others.
void SetTransitionTimes(ObjectStatus& status, const ObjectStatus& had, WallMicros now);

// Only what is ours: conditions that others set stay theirs, and those that we no longer name are removed.
std::string ApplyDocument(const ObjectKey& object, const ObjectStatus& status);
// The status of an object as the API server shows it, as far as it is ours. Empty where it has none.
Result<ObjectStatus> ReadStatus(const std::string& object);

}  // namespace tollgate::publish
