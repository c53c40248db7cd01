#include "controller/publish/push_authority.h"

#include <utility>

#include "controller/publish/certificate_check.h"

namespace tollgate::publish {
namespace {

// The kubelet brings a mounted Secret up to date within a minute or two; a day also covers a node that was
// away for the night.
constexpr WallMicros kAnnounced = 24LL * 3600 * 1'000'000;

using Turn = std::optional<PushAuthority>;

Result<Turn> Announce(const PushAuthority& authority, const std::string& installation, WallMicros now) {
  Result<PemPair> next = MakeAuthority(installation, now);
  if (!next) return next.error();
  const std::string trusted = authority.issuer.certificate + next->certificate;
  return Turn(PushAuthority{authority.issuer, trusted, std::move(*next)});
}

Turn Promote(const PushAuthority& authority) {
  const PemPair& next = *authority.next;
  return PushAuthority{next, next.certificate + authority.issuer.certificate, std::nullopt};
}

}  // namespace

Result<PushAuthority> NewAuthority(const std::string& installation, WallMicros now) {
  Result<PemPair> issuer = MakeAuthority(installation, now);
  if (!issuer) return issuer.error();
  return PushAuthority{*issuer, issuer->certificate, std::nullopt};
}

Result<Turn> TurnAuthority(const PushAuthority& authority, const std::string& installation, WallMicros now) {
  const Result<Validity> present = ReadValidity(authority.issuer.certificate);
  if (!present) return present.error();
  if (!present->Covers(now)) {
    return Fault{"the authority of the push is valid from " + FormatTime(present->begins) + " to " +
                 FormatTime(present->ends) + ", and it is " + FormatTime(now) + "; make a new one"};
  }
  if (!authority.next) {
    if (!present->IsDue(now)) return Turn();
    return Announce(authority, installation, now);
  }
  const Result<Validity> next = ReadValidity(authority.next->certificate);
  if (!next) return next.error();
  return now >= next->begins + kAnnounced ? Promote(authority) : Turn();
}

}  // namespace tollgate::publish
