#include "api/push_terms.h"

#include <grpc/support/log.h>

#include <string_view>

#include "api/base/log.h"

namespace tollgate::api {
namespace {

void WriteLine(gpr_log_func_args* line) {
  // gRPC aborts after such a line: the operator must see it.
  const bool fatal = std::string_view(line->message).starts_with("assertion failed");
  log::Write(fatal ? log::Level::kError : log::Level::kDebug, line->message, {{"from", "gRPC"}});
}

}  // namespace

void RouteGrpcLog() { gpr_set_log_function(WriteLine); }

}  // namespace tollgate::api
