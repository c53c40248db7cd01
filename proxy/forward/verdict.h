// How a try at an endpoint ended, and what that says of the endpoint. Pure; any thread.
#pragma once

#include <cstdint>

namespace tollgate::forward {

enum class Ending : uint8_t {
  kAnswered,      // the answer's head has come
  kNotConnected,  // no connection: nothing was sent
  kNoRoom,        // as many connections as there may be: nothing was sent
  kStale,         // a connection that had been idle was gone before a byte of an answer
  kRefused,       // the upstream has said that it did not look at the request: nothing was done
  kReset,         // the connection was closed before the answer
  kSilent,        // the answer's head did not come in time
  kInvalid,       // what came is no answer
  kAbandoned,     // the caller had gone, or sent a body that is none
};

// Whether a try speaks for its endpoint, against it, or is no sign of anything.
enum class Sign : uint8_t { kGood, kBad, kNone };

// `status` is the answer's, where there is one.
Sign SignOf(Ending ending, int status);

}  // namespace tollgate::forward
