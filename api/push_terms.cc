#include "api/push_terms.h"

#include <grpc/support/log.h>

#include <atomic>
#include <string_view>

#include "api/base/clock.h"
#include "api/base/log.h"

namespace tollgate::api {
namespace {

// Anybody who can reach the port can make gRPC complain of a failed handshake, as often as they like.
constexpr SteadyTime::duration kBetweenComplaints = std::chrono::seconds(10);

// Whether enough time has passed since the last complaint that was shown.
bool MayComplain() {
  static std::atomic<SteadyTime::rep> next{0};
  const SteadyTime::rep now = SteadyNow().time_since_epoch().count();
  SteadyTime::rep due = next.load(std::memory_order_relaxed);
  return now >= due && next.compare_exchange_strong(due, now + kBetweenComplaints.count());
}

void WriteLine(gpr_log_func_args* line) {
  // gRPC aborts after such a line: the operator must see it.
  const bool fatal = std::string_view(line->message).starts_with("assertion failed");
  log::Level level = log::Level::kDebug;
  if (line->severity == GPR_LOG_SEVERITY_ERROR && MayComplain()) level = log::Level::kWarning;
  if (fatal) level = log::Level::kError;
  log::Write(level, line->message, {{"from", "gRPC"}});
}

}  // namespace

void RouteGrpcLog() { gpr_set_log_function(WriteLine); }

}  // namespace tollgate::api
