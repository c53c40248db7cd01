// Each function is the C++ of the CEL rule whose message stands beside it in the table below.
#include <re2/re2.h>

#include <nlohmann/json.hpp>

#include "controller/resource/constraints.h"
#include "controller/resource/json_access.h"

namespace tollgate::resource {
namespace {

using nlohmann::json;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

Broken Unless(bool holds) { return holds ? Broken{} : Broken{""}; }

// What the gateway or HTTP itself writes, reads, logs or drops: there a key would be overwritten, or seen by
// whoever reads the log. With "_" as with "-", since many upstreams read both alike.
Broken HeaderIsFree(const json& location) {
  static const RE2 kTaken(
      "(?i)^(host|cookie|via|forwarded|connection|te|trailer|upgrade|expect|keep-alive|traceparent|"
      "tracestate|"
      "content[-_](length|type)|transfer[-_]encoding|proxy[-_](authorization|authenticate|connection)|"
      "x[-_]request[-_]id|x[-_]forwarded[-_].*|x[-_]tollgate[-_].*)$");
  return Unless(Text(location, "type") != "Header" || !RE2::PartialMatch(Text(location, "name"), kTaken));
}

Broken RateIsCountable(const json& limit) {
  const milliseconds per = OptionalDuration(limit, "per").value_or(milliseconds(0));
  const int64_t whole_seconds = std::chrono::floor<seconds>(per).count();
  return Unless(per < seconds(1) || OptionalInteger(limit, "requests") <= whole_seconds * 1'000'000);
}

Broken BurstIsBounded(const json& limit) {
  const int64_t requests = OptionalInteger(limit, "requests").value_or(0);
  return Unless(OptionalInteger(limit, "burst").value_or(0) <= requests * 100);
}

Broken PerIsBounded(const json& per) {
  const auto length = OptionalDuration({{"per", per}}, "per");
  return Unless(length && *length >= seconds(1) && *length <= hours(8760));
}

constexpr Twin kTwins[] = {
    {"an API key cannot stand in a header that HTTP or Tollgate itself uses; take another, such as X-Api-Key",
     HeaderIsFree},
    {"requests may be at most 1000000 for each whole second of per, since time is counted in microseconds",
     RateIsCountable},
    {"burst may be at most 100 times requests, since a larger bucket would hardly ever be full again",
     BurstIsBounded},
    {"per must be from 1s to 8760h, a year", PerIsBounded},
};

}  // namespace

std::span<const Twin> ApiPlanTwins() { return kTwins; }

}  // namespace tollgate::resource
