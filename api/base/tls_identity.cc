#include "api/base/tls_identity.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "api/base/openssl_owned.h"

namespace tollgate {
namespace {

using openssl::NoPassphrase;
using openssl::Owned;
using openssl::Reader;

Owned<X509> ReadCertificate(const std::string& pem) {
  return Owned<X509>(PEM_read_bio_X509(Reader(pem).get(), nullptr, NoPassphrase, nullptr));
}

Status<> Judge(const TlsIdentity& identity) {
  const Owned<X509> certificate = ReadCertificate(identity.certificate);
  if (!certificate) return Fault{"the TLS certificate cannot be read; give one in PEM form"};
  const Owned<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(Reader(identity.key).get(), nullptr, NoPassphrase, nullptr));
  if (!key) return Fault{"the TLS key cannot be read; give one in PEM form without a passphrase"};
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return Fault{"the TLS key does not belong to the certificate; give the two that were made together"};
  }
  if (!ReadCertificate(identity.authorities)) {
    return Fault{"the TLS authorities cannot be read; give at least one certificate in PEM form"};
  }
  return Done{};
}

}  // namespace

Status<> CheckReadable(const TlsIdentity& identity) {
  const Status<> judged = Judge(identity);
  // What stays in the thread's error queue would be taken for another call's failure.
  ERR_clear_error();
  return judged;
}

}  // namespace tollgate
