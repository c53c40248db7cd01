// The problem types that the gateway answers with: one row each, the only place that knows a slug's status.
// Names are part of the interface (docs/problems/); rows are never removed. Any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace tollgate::exchange {

enum class Problem : uint8_t {
  kBadRequest,
  kUriInvalid,
  kMethodNotAllowed,
  kMisdirected,
  kNoCredential,
  kCredentialRefused,
  kNotOnPlan,
  kOperationNotAllowed,
  kAddressRefused,
  kHeadersTooLarge,
  kRateLimited,
  kCreditsExhausted,
  kRuleBroken,
  kPlanBroken,
  kLimitsUnavailable,
  kNoRoute,
  kNotImplemented,
  kVersionNotSupported,
  kUpstreamNoneReady,
  kUpstreamConnect,
  kUpstreamReset,
  kUpstreamTimeout,
  kUpstreamInvalid,
  kOverloaded,
  kNotConfigured,
  kDraining,
};

struct ProblemRow {
  Problem problem;
  std::string_view slug;
  int status;       // HTTP
  int grpc_status;  // for gRPC callers (grpc/status.h)
  bool retryable;   // the same request may succeed later without a change of its own
  std::string_view title;
};

const ProblemRow& RowOf(Problem problem);

inline constexpr std::string_view kProblemTypePrefix = "https://tollgate.dev/problems/";

}  // namespace tollgate::exchange
