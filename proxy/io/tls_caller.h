// Callers who prove by a certificate who they are. Included by proxy/io alone, since it carries OpenSSL's
// headers.
#pragma once

#include <openssl/ssl.h>

#include <optional>

#include "api/base/result.h"
#include "proxy/io/tls.h"

namespace tollgate::io {

// Sets up a server's context to judge certificates of callers by.
Status<> TrustCallers(const TlsCallers& callers, SSL_CTX* context);
// Has the handshake that follows ask for a certificate.
void AskCaller(TlsProof proof, SSL* ssl);

// Of a handshake that failed: whether it was for want of a certificate that is trusted. Right behind it.
bool LacksTrustedCertificate(const SSL* ssl);

// Whom the certificate of a handshake that is done proves; nothing where none was shown.
std::optional<TlsCaller> CallerOf(const SSL* ssl);
// Whether the certificate that was shown, perhaps in the handshake that a session goes back to, still counts.
bool CallerHasExpired(const SSL* ssl);

}  // namespace tollgate::io
