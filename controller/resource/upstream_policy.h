// How a rule's upstream is to be used, beside its targets and timeouts: absent stays absent. Plain data; any
// thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace tollgate::resource {

enum class RetryCondition { kConnectFailure, kReset };

struct Retry {
  std::optional<int> attempts;
  std::optional<std::vector<RetryCondition>> conditions;  // none is not the same as absent
  std::optional<std::vector<int>> statuses;               // as above
  std::optional<std::chrono::milliseconds> per_try_timeout;
  std::optional<int> budget_percent;
  std::vector<std::string> methods;

  bool operator==(const Retry&) const = default;
};

struct PassiveHealth {
  std::optional<int> consecutive_failures;
  std::optional<std::chrono::milliseconds> eject_for;
  std::optional<int> max_ejected_percent;

  bool operator==(const PassiveHealth&) const = default;
};

struct ActiveHealth {
  std::string path;
  std::optional<std::chrono::milliseconds> interval;
  std::optional<std::chrono::milliseconds> timeout;
  std::optional<int> unhealthy_after;
  std::optional<int> healthy_after;

  bool operator==(const ActiveHealth&) const = default;
};

struct Balancing {
  enum class Type { kLeastRequests, kRoundRobin, kConsistentHash };
  Type type = Type::kLeastRequests;
  std::string header;  // of kConsistentHash

  bool operator==(const Balancing&) const = default;
};

struct ConnectionLimits {
  std::optional<int> connections;
  std::optional<int> pending;

  bool operator==(const ConnectionLimits&) const = default;
};

// `upstream` is the rule's block of that name.
std::optional<Retry> ReadRetry(const nlohmann::json& upstream);
std::optional<PassiveHealth> ReadPassiveHealth(const nlohmann::json& upstream);
std::optional<ActiveHealth> ReadActiveHealth(const nlohmann::json& upstream);
std::optional<Balancing> ReadBalancing(const nlohmann::json& upstream);
ConnectionLimits ReadConnectionLimits(const nlohmann::json& upstream);

}  // namespace tollgate::resource
