#include "proxy/io/tls_caller.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <string>
#include <utility>

#include "api/base/check.h"
#include "api/base/digest.h"
#include "api/base/openssl_owned.h"
#include "proxy/io/tls_context.h"

namespace tollgate::io {
namespace {

using openssl::Owned;

std::string TextOf(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<size_t>(size)};
}

// RFC 4514, the most particular part first.
std::string SubjectOf(const X509* certificate) {
  const Owned<BIO> memory(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(memory.get(), X509_get_subject_name(certificate), 0,
                     XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
  return TextOf(memory.get());
}

std::string TextOf(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<size_t>(ASN1_STRING_length(text))};
}

std::vector<std::string> NamesOf(const X509* certificate) {
  std::vector<std::string> names;
  const Owned<GENERAL_NAMES> all(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(all.get(), i);
    if (name->type == GEN_DNS) names.push_back("DNS:" + TextOf(name->d.dNSName));
    if (name->type == GEN_URI) names.push_back("URI:" + TextOf(name->d.uniformResourceIdentifier));
    if (name->type == GEN_EMAIL) names.push_back("email:" + TextOf(name->d.rfc822Name));
  }
  return names;
}

std::string FingerprintOf(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  TOLLGATE_CHECK(X509_digest(certificate, EVP_sha256(), digest.data(), &size) == 1);
  return ToHex({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace

Status<> TrustCallers(const TlsCallers& callers, SSL_CTX* context) {
  if (callers.proof == TlsProof::kNone) return Done{};
  const Result<Owned<X509_STORE>> store = ReadAuthorities(callers.authorities);
  if (!store.ok()) return store.error();
  TOLLGATE_CHECK(SSL_CTX_set1_verify_cert_store(context, store->get()) == 1);
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
  return Done{};
}

void AskCaller(TlsProof proof, SSL* ssl) {
  if (proof == TlsProof::kNone) return;
  const int needed = proof == TlsProof::kRequired ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
  SSL_set_verify(ssl, SSL_VERIFY_PEER | needed, nullptr);
  X509_VERIFY_PARAM_set_flags(SSL_get0_param(ssl), X509_V_FLAG_PARTIAL_CHAIN);
}

bool LacksTrustedCertificate(const SSL* ssl) {
  return SSL_get_verify_result(ssl) != X509_V_OK ||
         ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE;
}

std::optional<TlsCaller> CallerOf(const SSL* ssl) {
  const X509* const certificate = SSL_get0_peer_certificate(ssl);
  if (certificate == nullptr) return std::nullopt;
  return TlsCaller{SubjectOf(certificate), NamesOf(certificate), FingerprintOf(certificate)};
}

bool CallerHasExpired(const SSL* ssl) {
  const X509* const certificate = SSL_get0_peer_certificate(ssl);
  return certificate != nullptr && X509_cmp_current_time(X509_get0_notAfter(certificate)) <= 0;
}

}  // namespace tollgate::io
