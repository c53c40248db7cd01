#include "proxy/pipeline/request_id.h"

#include <algorithm>

namespace tollgate::pipeline {

uint64_t RequestIds::Next() {
  // SplitMix64 (Steele, Lea, Flood, 2014): ids must differ, not be unguessable.
  uint64_t z = state_ += 0x9E3779B97F4A7C15ULL;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ z >> 27) * 0x94D049BB133111EBULL;
  return z ^ z >> 31;
}

std::string_view RequestIds::Make(exchange::Arena& arena) {
  constexpr char kHex[] = "0123456789abcdef";
  char* const text = arena.Allocate(32);
  for (int half = 0; half < 2; ++half) {
    uint64_t bits = Next();
    for (int i = 0; i < 16; ++i, bits >>= 4) text[half * 16 + i] = kHex[bits & 15];
  }
  return {text, 32};
}

bool RequestIds::IsSafe(std::string_view id) {
  constexpr std::string_view kMarks = "-_.:/+=";
  return !id.empty() && id.size() <= 128 && std::all_of(id.begin(), id.end(), [&](unsigned char c) {
    return std::isalnum(c) != 0 || kMarks.find(static_cast<char>(c)) != std::string_view::npos;
  });
}

}  // namespace tollgate::pipeline
