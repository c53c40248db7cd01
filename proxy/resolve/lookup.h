// What came of looking a name up. Plain data; any thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::resolve {

struct Lookup {
  enum class Outcome : uint8_t {
    kFound,
    kNone,    // the name servers say that there is no such name, or that it has no address
    kFailed,  // nobody has said anything that counts
  };
  Outcome outcome = Outcome::kFailed;
  std::vector<std::string> addresses = {};  // literals, of both families
  std::chrono::seconds ttl{0};              // the shortest of all records that led to them
  std::string_view reason = {};             // of what is not kFound, in a few words
};

}  // namespace tollgate::resolve
