// The file that tells scripts and tests which ports a program bound. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "api/base/result.h"

namespace tollgate {

// Writes one name=port a line. Whoever waits for the file never reads half of it. Nothing to do where `path`
// is empty: the flag --port-file was not given.
Status<> WritePortFile(const std::string& path, const std::vector<std::pair<std::string, uint16_t>>& ports);

}  // namespace tollgate
