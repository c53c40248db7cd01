// The release that this is, as --version, metrics and logs name it. CMake's project version is its source.
#pragma once

namespace tollgate {

inline constexpr char kVersion[] = TOLLGATE_VERSION;

}  // namespace tollgate
