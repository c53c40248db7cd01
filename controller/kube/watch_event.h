// A line of a watch's answer, as the API server writes it. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "api/base/result.h"

namespace tollgate::kube {

struct WatchEvent {
  enum class Type { kAdded, kModified, kDeleted, kBookmark, kError };

  Type type = Type::kError;
  std::string_view object;       // inside the line; for kError a Status
  std::string resource_version;  // of the object: where a watch goes on; empty for kError
};

Result<WatchEvent> ReadWatchEvent(std::string_view line);

}  // namespace tollgate::kube
