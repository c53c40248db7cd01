// Judges certificates of the push: how long they last and whether the other end will accept them. Pure; time
// is passed in. Any thread.
#pragma once

#include <string>

#include "api/base/clock.h"
#include "api/base/result.h"

namespace tollgate::publish {

struct Validity {
  WallMicros begins = 0;
  WallMicros ends = 0;

  bool Covers(WallMicros now) const { return begins <= now && now < ends; }
  // Two thirds are over: time to issue the next, with the last third left for it to arrive everywhere.
  bool IsDue(WallMicros now) const { return now >= begins + (ends - begins) / 3 * 2; }
};

// Of the first certificate in the text.
Result<Validity> ReadValidity(const std::string& certificate);

enum class CertificateRole { kServer, kClient };

// Whether the other end will accept this certificate at `now`: one of `authorities` (PEM, one or more) issued
// it, it is valid, and it is for that role. The sentence says which of these fails.
Status<> CheckCertificate(const std::string& certificate, const std::string& authorities,
                          CertificateRole role, WallMicros now);

}  // namespace tollgate::publish
