// What both ends of the push keep to besides the messages of snapshot.proto: sizes, signs of life, and where
// gRPC's own log lines go. Constants; any thread.
#pragma once

#include <chrono>
#include <cstddef>

#include "api/snapshot_bounds.h"

namespace tollgate::api {

// A part of a snapshot fills no larger message: small enough that acknowledgements and pings never wait long
// behind it, large enough that its overhead does not count.
inline constexpr size_t kPushPartBytes = size_t{1} << 20;

// The largest message that a proxy accepts (gRPC's own default): a resource larger than a part travels alone
// and must fit.
inline constexpr size_t kPushMessageBytes = size_t{4} << 20;

static_assert(kResourceBytes < kPushMessageBytes, "there is room for a resource's name and its hash, too");

// What a proxy says is short; the reason of a refusal is cut to fit.
inline constexpr size_t kPushRefusalBytes = size_t{4} << 10;
// The reasons in a report likewise: they are read in a terminal, in one sentence with others.
inline constexpr size_t kPushReasonBytes = 256;
inline constexpr size_t kProxyMessageBytes = size_t{64} << 10;

// A peer that is gone without a word is noticed after interval + timeout: within 20 s.
struct PushKeepAlive {
  std::chrono::milliseconds interval{10'000};
  std::chrono::milliseconds timeout{8'000};
};

// Sends gRPC's own lines to the process log, once for the process. What peers do wrong is told by the two
// ends themselves; gRPC's view of it is for debugging.
void RouteGrpcLog();

}  // namespace tollgate::api
