// Request ids: the caller's own where it sent one that is safe to pass on, else a random one. One thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "proxy/exchange/arena.h"

namespace tollgate::pipeline {

class RequestIds {
 public:
  explicit RequestIds(uint64_t seed) : state_(seed) {}

  // 32 hexadecimal digits.
  std::string_view Make(exchange::Arena& arena);

  // Letters, digits and a few marks, 1 to 128: what can stand in a header, a log and a shell unquoted.
  static bool IsSafe(std::string_view id);

 private:
  uint64_t Next();
  uint64_t state_;
};

}  // namespace tollgate::pipeline
