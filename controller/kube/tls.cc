#include "controller/kube/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <vector>

#include "api/base/openssl_owned.h"

namespace tollgate::kube {
namespace {

using openssl::NoPassphrase;
using openssl::Owned;

Fault CannotUse(const TextSource& source, const std::string& reason) {
  ERR_clear_error();
  return Fault{"cannot use " + source.label() + ": " + reason};
}

Result<std::vector<Owned<X509>>> ReadCertificates(const TextSource& source) {
  const auto text = source.Read();
  if (!text) return text.error();
  const auto bio = openssl::Reader(*text);
  std::vector<Owned<X509>> certificates;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr)) {
    certificates.emplace_back(certificate);
  }
  ERR_clear_error();
  if (certificates.empty()) return CannotUse(source, "it has no certificate in PEM form; put one there");
  return certificates;
}

// Only these: cpprestsdk has already loaded the machine's own authorities, any of which could vouch for a
// false API server.
Status<> TrustOnly(SSL_CTX* context, const TextSource& authority) {
  const auto certificates = ReadCertificates(authority);
  if (!certificates) return certificates.error();
  X509_STORE* store = X509_STORE_new();
  for (const auto& certificate : *certificates) X509_STORE_add_cert(store, certificate.get());
  SSL_CTX_set_cert_store(context, store);
  return Done{};
}

Status<> Present(SSL_CTX* context, const TextSource& certificate, const TextSource& key) {
  const auto chain = ReadCertificates(certificate);
  if (!chain) return chain.error();
  const auto text = key.Read();
  if (!text) return text.error();
  const auto bio = openssl::Reader(*text);
  const Owned<EVP_PKEY> private_key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  if (!private_key)
    return CannotUse(key, "it has no private key in PEM form without a passphrase; put one there");
  SSL_CTX_use_certificate(context, chain->front().get());
  for (size_t i = 1; i < chain->size(); ++i) SSL_CTX_add1_chain_cert(context, (*chain)[i].get());
  if (SSL_CTX_use_PrivateKey(context, private_key.get()) != 1) {
    return CannotUse(key, "it does not belong to the certificate in " + certificate.label() +
                              "; give the two that were made together");
  }
  return Done{};
}

// cpprestsdk compares the name as well, but after a failure nobody could tell why.
void ExpectHost(SSL_CTX* context, const std::string& host) {
  X509_VERIFY_PARAM* expected = SSL_CTX_get0_param(context);
  if (IsIpAddress(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str());
  } else {
    X509_VERIFY_PARAM_set1_host(expected, host.data(), host.size());
  }
}

// The ordinary verification, whose reason would otherwise be lost above.
int VerifyAndNote(X509_STORE_CTX* chain, void* peer) {
  const int verified = X509_verify_cert(chain);
  if (verified != 1) {
    static_cast<Peer*>(peer)->NoteUntrusted(X509_verify_cert_error_string(X509_STORE_CTX_get_error(chain)));
  }
  return verified;
}

}  // namespace

bool IsIpAddress(const std::string& host) {
  unsigned char address[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), address) == 1 || inet_pton(AF_INET6, host.c_str(), address) == 1;
}

Status<> SetUpTls(SSL_CTX* context, const Credentials& credentials, const std::string& host, Peer& peer) {
  // Kubernetes itself serves nothing older.
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context, VerifyAndNote, &peer);
  ExpectHost(context, host);
  if (credentials.authority) {
    if (auto trusted = TrustOnly(context, *credentials.authority); !trusted) return trusted;
  }
  if (credentials.client_certificate && credentials.client_key) {
    return Present(context, *credentials.client_certificate, *credentials.client_key);
  }
  return Done{};
}

}  // namespace tollgate::kube
