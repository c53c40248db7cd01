#include "tests/kit/certificate.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <sstream>

#include "api/base/openssl_owned.h"

namespace tollgate::kit {
namespace {

using openssl::Owned;

void Require(bool holds) {
  if (!holds) std::abort();
}

Owned<EVP_PKEY> MakeKey(KeyKind kind) {
  switch (kind) {
    case KeyKind::kEcdsa: return Owned<EVP_PKEY>(EVP_EC_gen("P-256"));
    case KeyKind::kRsa: return Owned<EVP_PKEY>(EVP_RSA_gen(2048));
    case KeyKind::kWeakRsa: return Owned<EVP_PKEY>(EVP_RSA_gen(1024));
  }
  std::abort();
}

void AddExtension(X509* certificate, int kind, const std::string& text) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, &context, kind, text.c_str()));
  Require(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

void SetNames(X509* certificate, const std::vector<std::string>& names) {
  std::string alternatives;
  for (const std::string& name : names) alternatives += (alternatives.empty() ? "DNS:" : ",DNS:") + name;
  if (!alternatives.empty()) AddExtension(certificate, NID_subject_alt_name, alternatives);
  X509_NAME* const subject = X509_get_subject_name(certificate);
  const auto* common = reinterpret_cast<const unsigned char*>("tests");
  Require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, common, -1, -1, 0) == 1);
  Require(X509_set_issuer_name(certificate, subject) == 1);
}

template <class Write>
std::string ToText(Write write) {
  const Owned<BIO> memory(BIO_new(BIO_s_mem()));
  Require(write(memory.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<size_t>(size)};
}

std::string Indented(const std::string& text) {
  std::istringstream lines(text);
  std::string indented;
  for (std::string line; std::getline(lines, line);) indented += "    " + line + "\n";
  return indented;
}

}  // namespace

Certificate MakeCertificate(const std::vector<std::string>& names, KeyKind kind, std::chrono::seconds lives) {
  const Owned<EVP_PKEY> key = MakeKey(kind);
  const Owned<X509> certificate(X509_new());
  Require(key && certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1);
  static long serial = 0;
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -24 * 3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), lives.count());
  SetNames(certificate.get(), names);
  Require(X509_set_pubkey(certificate.get(), key.get()) == 1);
  Require(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
  return {ToText([&](BIO* out) { return PEM_write_bio_X509(out, certificate.get()); }), ToText([&](BIO* out) {
            return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

std::string TlsSecret(const std::string& space, const std::string& name, const Certificate& certificate) {
  return "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\nmetadata: {name: " + name +
         ", namespace: " + space + "}\nstringData:\n  tls.crt: |\n" + Indented(certificate.chain) +
         "  tls.key: |\n" + Indented(certificate.key);
}

}  // namespace tollgate::kit
