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

void SetAlternatives(X509* certificate, const std::vector<std::string>& names) {
  std::string alternatives;
  for (const std::string& name : names) {
    const bool is_address = name.find(':') != std::string::npos || (name.back() >= '0' && name.back() <= '9');
    alternatives += (alternatives.empty() ? "" : ",") + std::string(is_address ? "IP:" : "DNS:") + name;
  }
  if (!alternatives.empty()) AddExtension(certificate, NID_subject_alt_name, alternatives);
}

void SetSubject(X509* certificate, const std::string& common_name) {
  const auto* common = reinterpret_cast<const unsigned char*>(common_name.c_str());
  Require(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, common, -1, -1,
                                     0) == 1);
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

// Not signed yet.
struct Draft {
  Owned<EVP_PKEY> key;
  Owned<X509> certificate;
};

Draft MakeDraft(const std::string& common_name, KeyKind kind, std::chrono::seconds lives) {
  Draft draft{MakeKey(kind), Owned<X509>(X509_new())};
  X509* const certificate = draft.certificate.get();
  Require(draft.key && certificate != nullptr && X509_set_version(certificate, X509_VERSION_3) == 1);
  static long serial = 0;
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -24 * 3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), lives.count());
  SetSubject(certificate, common_name);
  Require(X509_set_pubkey(certificate, draft.key.get()) == 1);
  return draft;
}

Certificate Sign(const Draft& draft, X509* issuer, EVP_PKEY* key) {
  X509* const certificate = draft.certificate.get();
  Require(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1);
  Require(X509_sign(certificate, key, EVP_sha256()) > 0);
  return {ToText([&](BIO* out) { return PEM_write_bio_X509(out, certificate); }), ToText([&](BIO* out) {
            return PEM_write_bio_PrivateKey(out, draft.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

}  // namespace

Certificate MakeCertificate(const std::vector<std::string>& names, KeyKind kind, std::chrono::seconds lives) {
  const Draft draft = MakeDraft("tests", kind, lives);
  SetAlternatives(draft.certificate.get(), names);
  return Sign(draft, draft.certificate.get(), draft.key.get());
}

Certificate MakeAuthority(const std::string& common_name) {
  const Draft draft = MakeDraft(common_name, KeyKind::kEcdsa, std::chrono::hours(24));
  AddExtension(draft.certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(draft.certificate.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  return Sign(draft, draft.certificate.get(), draft.key.get());
}

Certificate Issue(const Certificate& authority, const std::string& common_name,
                  const std::vector<std::string>& names, std::chrono::seconds lives) {
  const Draft draft = MakeDraft(common_name, KeyKind::kEcdsa, lives);
  SetAlternatives(draft.certificate.get(), names);
  const Owned<X509> issuer(
      PEM_read_bio_X509(openssl::Reader(authority.chain).get(), nullptr, nullptr, nullptr));
  const Owned<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(openssl::Reader(authority.key).get(), nullptr, nullptr, nullptr));
  Require(issuer && key);
  return Sign(draft, issuer.get(), key.get());
}

std::string TlsSecret(const std::string& space, const std::string& name, const Certificate& certificate,
                      const std::string& authorities) {
  const std::string trusted = authorities.empty() ? "" : "  ca.crt: |\n" + Indented(authorities);
  return "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\nmetadata: {name: " + name +
         ", namespace: " + space + "}\nstringData:\n  tls.crt: |\n" + Indented(certificate.chain) +
         "  tls.key: |\n" + Indented(certificate.key) + trusted;
}

std::string AuthorityMap(const std::string& space, const std::string& name, const Certificate& authority) {
  return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + ", namespace: " + space +
         "}\ndata:\n  ca.crt: |\n" + Indented(authority.chain);
}

}  // namespace tollgate::kit
