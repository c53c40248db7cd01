// Where spans go, as programs are told. One thread, at start.
#pragma once

#include <optional>
#include <string>

#include "api/base/flags.h"
#include "api/base/result.h"
#include "proxy/observe/span_exporter.h"

namespace tollgate::net {

struct TraceFlags {
  void AddTo(FlagSet& set);

  std::string endpoint;
  std::string ca_file;
  std::string ratio = "0.1";
};

// Nothing: traces are off. `instance` is what this process is called in them. The sentence names the flag.
Result<std::optional<observe::TraceOptions>> ReadTraceFlags(const TraceFlags& flags,
                                                            const std::string& instance);

}  // namespace tollgate::net
