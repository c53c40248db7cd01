#include "proxy/forward/verdict.h"

namespace tollgate::forward {
namespace {

// What servers and gateways say that cannot do their work. 500 may be about the request.
bool IsFailure(int status) { return status == 502 || status == 503 || status == 504; }

}  // namespace

Sign SignOf(Ending ending, int status) {
  switch (ending) {
    case Ending::kAnswered: return IsFailure(status) ? Sign::kBad : Sign::kGood;
    case Ending::kNotConnected:
    case Ending::kReset:
    case Ending::kSilent:
    case Ending::kInvalid: return Sign::kBad;
    case Ending::kNoRoom:
    case Ending::kRefused:
    case Ending::kStale:
    case Ending::kAbandoned: return Sign::kNone;
  }
  return Sign::kNone;
}

}  // namespace tollgate::forward
