#include "proxy/store/redis/limit_error.h"

#include <algorithm>

#include "api/base/log.h"

namespace tollgate::store {
namespace {

constexpr std::chrono::seconds kTellEvery{1};
// What a line of the log has room for.
constexpr size_t kNamedKeys = 4;

}  // namespace

bool IsServersTrouble(std::string_view error) {
  for (const std::string_view word : {"LOADING", "MASTERDOWN", "OOM", "NOREPLICAS", "CLUSTERDOWN", "READONLY",
                                      "MISCONF", "BUSY", "NOAUTH", "NOPERM"}) {
    if (error.starts_with(word)) return true;
  }
  return false;
}

void SpoiltRecords::Tell(std::string_view error, std::span<const std::string> keys, SteadyTime now) {
  if (!due(now)) return;
  next_ = now + kTellEvery;
  std::string named;
  for (const std::string& key : keys.last(std::min(kNamedKeys, keys.size()))) {
    named += (named.empty() ? "" : " ") + key;
  }
  log::Error("the store cannot read a record, and the caller's requests are decided without it: " +
                 std::string(error) + "; delete the key that is spoilt, and see who else writes there",
             {{"store", "limits"}, {"keys", named}});
}

}  // namespace tollgate::store
