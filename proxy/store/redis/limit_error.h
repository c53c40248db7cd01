// What the store of limits says where it does not decide: of itself, or of one caller's records. One thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "api/base/clock.h"

namespace tollgate::store {

// Whether an error says of the server, not of the command, that it cannot decide.
bool IsServersTrouble(std::string_view error);

// Tells the log of records that cannot be read, once a second at most: whoever has a spoilt record and asks
// again and again must not fill it.
class SpoiltRecords {
 public:
  // Whether the next one would be told.
  bool due(SteadyTime now) const { return now >= next_; }
  // `keys`: those of the decision, one of which it is.
  void Tell(std::string_view error, std::span<const std::string> keys, SteadyTime now);

 private:
  SteadyTime next_{};
};

}  // namespace tollgate::store
