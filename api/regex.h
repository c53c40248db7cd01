// Regular expressions of matches: compiled alike by the controller, which tells what is wrong with them, and
// by proxies, which run them. RE2's syntax, and its promise that a hostile text costs no more than its
// length. Immutable; any thread.
#pragma once

#include <re2/re2.h>

#include <memory>
#include <string>
#include <string_view>

#include "api/base/result.h"

namespace tollgate::api {

// What one program takes at most, with the states that RE2 remembers while it runs: a few times what a path
// or a token needs.
inline constexpr int64_t kRegexBytes = 128 << 10;

// How many different ones a snapshot has: with the above 64 MiB at worst, as much as the cache in memory.
inline constexpr size_t kMostRegexes = 512;

class Regex {
 public:
  // Why not, as the end of a sentence that begins with the expression, and the remedy.
  static Result<Regex> Compile(std::string_view pattern);

  bool FitsWhole(std::string_view text) const;

 private:
  explicit Regex(std::unique_ptr<const re2::RE2> program) : program_(std::move(program)) {}
  std::unique_ptr<const re2::RE2> program_;
};

}  // namespace tollgate::api
