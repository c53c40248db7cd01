// An ApiPlan as its author wrote it; see gateway_route.h for what that means. Plain data; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controller/resource/object.h"

namespace tollgate::resource {

struct KeyLocation {
  enum class Type { kHeader, kQuery, kCookie };
  Type type = Type::kHeader;
  std::string name;

  bool operator==(const KeyLocation&) const = default;
};

struct ApiKeys {
  std::vector<KeyLocation> from;
  std::optional<bool> forward;

  bool operator==(const ApiKeys&) const = default;
};

enum class LimitScope { kConsumer, kConsumerAndRoute, kConsumerAndOperation, kPlan, kAddress };

struct RateLimit {
  std::string name;
  uint64_t requests = 0;
  std::chrono::milliseconds per{};
  std::optional<uint64_t> burst;
  std::optional<LimitScope> scope;

  bool operator==(const RateLimit&) const = default;
};

enum class Calendar { kHour, kDay, kWeek, kMonth, kYear };
enum class WhenExhausted { kReject, kAllowOverage };

struct Cost {
  std::string operation;
  uint64_t credits = 0;

  bool operator==(const Cost&) const = default;
};

struct Quota {
  uint64_t credits = 0;
  Calendar calendar = Calendar::kMonth;
  std::vector<Cost> costs;
  std::optional<uint64_t> default_cost;
  std::optional<WhenExhausted> when_exhausted;

  bool operator==(const Quota&) const = default;
};

enum class WhenStoreIsDown { kLocal, kOpen, kClosed };

struct ApiPlan {
  ObjectMeta meta;
  std::optional<std::string> installation;
  std::string display_name;
  std::optional<ApiKeys> api_keys;
  std::optional<std::vector<std::string>> allow_operations;  // absent: all operations of the routes
  std::vector<RateLimit> rate_limits;
  std::optional<Quota> quota;
  std::optional<WhenStoreIsDown> when_store_is_down;
  // Any mistake refuses the whole plan: half a plan would admit callers that the whole would refuse.
  std::vector<Mistake> mistakes;

  bool operator==(const ApiPlan&) const = default;
};

}  // namespace tollgate::resource
