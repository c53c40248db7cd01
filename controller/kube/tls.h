// Sets up the TLS side of a connection to the API server: which authorities are trusted, who we are, what is
// checked. Verification cannot be turned off. Any thread.
#pragma once

#include <string>

#include "api/base/result.h"
#include "controller/kube/credentials.h"
#include "controller/kube/peer.h"

struct ssl_ctx_st;

namespace tollgate::kube {

// Prepares `context` for connections to `host` (a name or an address, without brackets). Certificate files
// are read now. `peer` must outlive the handshakes; it is told why a certificate did not pass.
Status<> SetUpTls(ssl_ctx_st* context, const Credentials& credentials, const std::string& host, Peer& peer);

// Whether `host` is an IPv4 or IPv6 address.
bool IsIpAddress(const std::string& host);

}  // namespace tollgate::kube
