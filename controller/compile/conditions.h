// The vocabulary of conditions: types and reasons as docs and dashboards know them, and how several mistakes
// become one sentence. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "controller/compile/condition.h"

namespace tollgate::compile {

namespace condition {
inline constexpr char kAccepted[] = "Accepted";
// Only written when true, as in Gateway API: its absence says that nothing was left out.
inline constexpr char kPartiallyInvalid[] = "PartiallyInvalid";
inline constexpr char kResolvedRefs[] = "ResolvedRefs";
inline constexpr char kCredentialsSafe[] = "CredentialsSafe";
}  // namespace condition

namespace reason {
inline constexpr char kAccepted[] = "Accepted";
inline constexpr char kInvalid[] = "Invalid";
inline constexpr char kHostClaimed[] = "HostClaimed";
inline constexpr char kTlsConflict[] = "TLSConflict";
inline constexpr char kResolvedRefs[] = "ResolvedRefs";
inline constexpr char kRefNotFound[] = "RefNotFound";
inline constexpr char kRefNotPermitted[] = "RefNotPermitted";
inline constexpr char kSecretAccessDenied[] = "SecretAccessDenied";
inline constexpr char kInvalidCertificateRef[] = "InvalidCertificateRef";
inline constexpr char kNoEndpoints[] = "NoEndpoints";
inline constexpr char kDigestsOnly[] = "DigestsOnly";
inline constexpr char kPlaintextKeys[] = "PlaintextKeys";
}  // namespace reason

// A reference that leads nowhere, or that may not be followed.
struct UnresolvedRef {
  std::string reason;
  resource::Mistake mistake;
};

// "a, b, c and 4 more": bounded, because a condition is read in a terminal. Nothing of an empty list.
std::string ListOf(const std::vector<std::string>& names);

// "field: message" of the first mistake, and the fields of the others. At least one mistake is needed.
std::string Summarize(const std::vector<resource::Mistake>& mistakes);

}  // namespace tollgate::compile
