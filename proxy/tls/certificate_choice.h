// Which of a route's certificates are shown for a host. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "proxy/snapshot/catalog.h"

namespace tollgate::tls {

using Certificates = std::vector<const snapshot::CertificateEntry*>;

// All that name the host, so that each caller is shown one of a kind that it knows; of those that have not
// expired at `now` (seconds since 1970), where there are any. Where none names it the first alone: no kind of
// it is any better. In the order in which they are named.
Certificates ChooseCertificates(std::string_view host, const Certificates& named, int64_t now);

// When the last of them expires; 0 where there are none.
int64_t LastExpiry(const Certificates& certificates);

}  // namespace tollgate::tls
