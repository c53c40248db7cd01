// What a core keeps for an endpoint: what /connections shows. Plain value; any thread.
#pragma once

#include <cstddef>

namespace tollgate::forward {

struct PoolState {
  size_t idle = 0;            // of HTTP/1.1; those in use belong to their requests
  size_t http2 = 0;           // connections that are ready
  size_t http2_requests = 0;  // at work on those
  size_t waiting = 0;         // requests that wait for room on one
};

}  // namespace tollgate::forward
