// What the limits said about one request. Plain data; one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "api/base/clock.h"
#include "proxy/exchange/error.h"

namespace tollgate::limit {

struct LimitDecision {
  // False: neither limit nor quota applies; nothing below is set.
  bool limited = false;

  // The values of RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-09), for every answer
  // to this request; they live in the request's arena. Empty where the store could not decide.
  std::string_view rate_limit;
  std::string_view rate_limit_policy;

  WallMicros store_time = 0;          // of the decision; 0 where no store made it
  SteadyTime::duration store_wait{};  // that the request waited for a shared store
  uint64_t charged = 0;               // credits that this request cost, overage included
  uint64_t overage = 0;               // of these, above the quota

  // By which rule a request was decided while the store was away: "local", "open" or "closed"; else empty.
  std::string_view outage;

  // For log and metrics. `verdict` is one of "admitted", "rate-limited", "credits-exhausted",
  // "store-down" (undecided; `refusal` says whether the plan let it pass).
  std::string_view verdict;
  std::string_view refused_by;  // the limit's name, or "quota"; it lives as long as the snapshot

  std::optional<exchange::Error> refusal;
};

}  // namespace tollgate::limit
