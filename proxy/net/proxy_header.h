// The header of the PROXY protocol at the beginning of a connection: reads it, no byte more, so that TLS or a
// request can begin behind it, and takes its address for the caller's. One thread: the connection's loop's.
#pragma once

#include <string_view>

#include "proxy/io/stream.h"
#include "proxy/io/task.h"

namespace tollgate::net {

// The label of the metric: "done"; else the connection cannot be served.
enum class ProxyHeaderOutcome : uint8_t {
  kDone,
  kMalformed,  // no header stands there
  kTimeout,
  kClosed,  // before there was all of it
};
std::string_view TextOf(ProxyHeaderOutcome outcome);

// co_await: the header, by the deadline. `accepted` comes from an Acceptor.
io::Task<ProxyHeaderOutcome> ReadProxyHeader(io::Stream& accepted, SteadyTime deadline);

}  // namespace tollgate::net
