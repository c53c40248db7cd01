// What every TLS connection is made with: versions, suites and curves, after Mozilla's "intermediate"
// recommendation (wiki.mozilla.org/Security/Server_Side_TLS). Included by proxy/io alone, since it carries
// OpenSSL's headers.
#pragma once

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

#include "api/base/openssl_owned.h"
#include "proxy/io/tls.h"

namespace tollgate::io {

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using OwnedSsl = std::unique_ptr<SSL, FreeSsl>;
using OwnedContext = std::unique_ptr<SSL_CTX, FreeSsl>;

struct TlsTerms {
  OwnedContext context;
  int least_version;  // TLS1_2_VERSION, …
  TlsProof proof = TlsProof::kNone;
  std::string callers;         // TlsCallers::identity
  std::string session_domain;  // what tickets are bound to, at most SSL_MAX_SID_CTX_LENGTH bytes
};

// Contexts without certificates, and a client's that demands nothing of its peer yet; die where OpenSSL
// cannot make one.
OwnedContext MakeServerContext();
OwnedContext MakeClientContext();

// Authorities of a PEM text, as those who are trusted.
Result<openssl::Owned<X509_STORE>> ReadAuthorities(std::string_view pem);

// The certificate with its key and the links of its chain. The sentence never holds a key.
Status<> UseCertificate(const TlsCertificate& certificate, SSL_CTX* context);

}  // namespace tollgate::io
