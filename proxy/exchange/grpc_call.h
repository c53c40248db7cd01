// What is known of a call of gRPC beside its request. Plain data; one thread.
#pragma once

#include "api/base/clock.h"

namespace tollgate::exchange {

struct GrpcCall {
  bool is_call = false;                     // the request is one
  SteadyTime deadline = SteadyTime::max();  // until when its caller waits for all of it
  int status = -1;                          // how it ended; -1: nobody has said so

  bool past_deadline() const { return deadline != SteadyTime::max() && SteadyNow() >= deadline; }
};

}  // namespace tollgate::exchange
