// What is known of a name: its addresses, how good they are, and when it is to be looked up again. Knows
// neither a clock nor the network. One thread.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "api/base/backoff.h"
#include "api/base/clock.h"
#include "proxy/resolve/address_rules.h"
#include "proxy/resolve/lookup.h"

namespace tollgate::resolve {

class NameRecord {
 public:
  // Records that say less are kept for that long: to ask a name server once a second is no load for it, and
  // whoever says 0 wants changes to be seen.
  static constexpr std::chrono::seconds kLeastTtl{1};
  // And those that say more for no longer: a host that has moved, under a record of a day, is found again.
  static constexpr std::chrono::seconds kMostTtl{300};
  // More addresses of a name are left out: as many hosts are no load, and nobody's answer can fill the
  // memory.
  static constexpr size_t kMostAddresses = 256;
  // After a failure it is asked again this soon, then half as often each time.
  static constexpr std::chrono::seconds kRetryFirst{1};
  static constexpr std::chrono::seconds kRetryLongest{30};

  enum class Standing : uint8_t {
    kPending,  // nothing has come yet
    kFresh,
    kStale,    // what was known before is used, since nothing new can be learnt
    kUnknown,  // there is no address
  };

  explicit NameRecord(RandomSource random = UniformRandom)
      : backoff_(kRetryFirst, kRetryLongest, std::move(random)) {}

  // Takes in what came, of which `rules` may leave nothing. Whether the addresses are others now.
  bool Note(const Lookup& lookup, const AddressRules& rules, SteadyTime now);

  const std::vector<std::string>& addresses() const { return addresses_; }  // sorted, each once
  Standing standing() const { return standing_; }
  // Why it is not fresh.
  const std::string& reason() const { return reason_; }
  // Before what is known expires.
  SteadyTime next() const { return next_; }

 private:
  bool Replace(std::vector<std::string> addresses);

  Backoff backoff_;
  std::vector<std::string> addresses_;
  Standing standing_ = Standing::kPending;
  std::string reason_;
  SteadyTime next_ = SteadyTime::min();
};

}  // namespace tollgate::resolve
