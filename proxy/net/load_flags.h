// How much a gateway takes on, as programs are told. One thread, at start.
#pragma once

#include "api/base/flags.h"
#include "proxy/pipeline/load_guard.h"

namespace tollgate::net {

struct LoadFlags {
  // The reasons stand in docs/limits-and-defaults.md.
  unsigned max_connections = 10'000;
  unsigned max_requests = 5'000;
  unsigned max_memory_mib = 0;

  void AddTo(FlagSet& set) {
    set.Add("max-connections", max_connections,
            "Connections of callers in this process; further ones are closed when they come. 0: no limit");
    set.Add("max-requests", max_requests,
            "Requests at work in this process, streams and WebSockets included; further ones get 503. 0: no "
            "limit");
    set.Add("max-memory-mib", max_memory_mib,
            "MiB that this process takes before further requests get 503. 0: nine tenths of its "
            "container's limit, where it has one");
  }
};

inline pipeline::LoadLimits ToLimits(const LoadFlags& flags) {
  const size_t memory = size_t{flags.max_memory_mib} << 20;
  return {flags.max_connections, flags.max_requests,
          memory != 0 ? memory : pipeline::MemoryLimitOfContainer()};
}

}  // namespace tollgate::net
