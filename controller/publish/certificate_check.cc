#include "controller/publish/certificate_check.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <ctime>

#include "api/base/openssl_owned.h"

namespace tollgate::publish {
namespace {

using openssl::NoPassphrase;
using openssl::Owned;
using openssl::Reader;

constexpr WallMicros kSecond = 1'000'000;

Result<Owned<X509>> ReadCertificate(const std::string& pem) {
  Owned<X509> certificate(PEM_read_bio_X509(Reader(pem).get(), nullptr, NoPassphrase, nullptr));
  ERR_clear_error();
  if (!certificate) return Fault{"a certificate of the push cannot be read; it must be PEM text"};
  return certificate;
}

Owned<X509_STORE> Trust(const std::string& authorities) {
  Owned<X509_STORE> trusted(X509_STORE_new());
  const Owned<BIO> reader = Reader(authorities);
  while (const Owned<X509> authority{PEM_read_bio_X509(reader.get(), nullptr, NoPassphrase, nullptr)}) {
    X509_STORE_add_cert(trusted.get(), authority.get());
  }
  ERR_clear_error();
  return trusted;
}

Fault Refused(const std::string& reason) {
  return Fault{"the certificate of the push would be refused: " + reason +
               "; issue a new one from the present authority"};
}

}  // namespace

Result<Validity> ReadValidity(const std::string& certificate) {
  const auto read = ReadCertificate(certificate);
  if (!read) return read.error();
  tm begins{};
  tm ends{};
  if (ASN1_TIME_to_tm(X509_get0_notBefore(read->get()), &begins) != 1 ||
      ASN1_TIME_to_tm(X509_get0_notAfter(read->get()), &ends) != 1) {
    return Fault{"the validity of a certificate of the push cannot be read; issue a new one"};
  }
  return Validity{timegm(&begins) * kSecond, timegm(&ends) * kSecond};
}

Status<> CheckCertificate(const std::string& certificate, const std::string& authorities,
                          CertificateRole role, WallMicros now) {
  const auto read = ReadCertificate(certificate);
  if (!read) return read.error();
  const Owned<X509_STORE> trusted = Trust(authorities);
  const Owned<X509_STORE_CTX> chain(X509_STORE_CTX_new());
  if (X509_STORE_CTX_init(chain.get(), trusted.get(), read->get(), nullptr) != 1) {
    return Refused("it cannot be checked");
  }
  X509_VERIFY_PARAM* const terms = X509_STORE_CTX_get0_param(chain.get());
  X509_VERIFY_PARAM_set_time(terms, now / kSecond);
  X509_VERIFY_PARAM_set_purpose(
      terms, role == CertificateRole::kServer ? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_SSL_CLIENT);
  const bool verified = X509_verify_cert(chain.get()) == 1;
  ERR_clear_error();
  if (verified) return Done{};
  return Refused(X509_verify_cert_error_string(X509_STORE_CTX_get_error(chain.get())));
}

}  // namespace tollgate::publish
