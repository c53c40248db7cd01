// The authority of the push, and its turn. Proxies learn of a new authority from a file that the kubelet
// brings up to date in its own time, so the next one is announced (trusted) for a day before it issues
// anything, and the one before stays trusted. Pure but for the random numbers of keys; time is passed in. Any
// thread.
#pragma once

#include <optional>
#include <string>

#include "api/base/clock.h"
#include "api/base/result.h"
#include "controller/publish/push_credentials.h"

namespace tollgate::publish {

struct PushAuthority {
  PemPair issuer;
  std::string trusted;          // PEM, one or more: whose certificates either end accepts
  std::optional<PemPair> next;  // announced, not issuing yet
};

// One that nobody knows yet.
Result<PushAuthority> NewAuthority(const std::string& installation, WallMicros now);

// What the authority must be from now on; nothing: it stays as it is. Fails where it is of no use: it cannot
// be read, or has expired.
Result<std::optional<PushAuthority>> TurnAuthority(const PushAuthority& authority,
                                                   const std::string& installation, WallMicros now);

}  // namespace tollgate::publish
