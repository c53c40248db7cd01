// What a fuzzer asserts, in every build.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace tollgate::fuzz {

inline void Require(bool holds, const char* rule) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", rule);
  std::abort();
}

}  // namespace tollgate::fuzz
