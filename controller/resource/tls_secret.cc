#include "controller/resource/tls_secret.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>

#include "api/base/openssl_owned.h"
#include "controller/resource/metadata.h"
#include "controller/resource/parse.h"
#include "controller/resource/secret_data.h"

namespace tollgate::resource {
namespace {

using nlohmann::json;
using openssl::NoPassphrase;
using openssl::Owned;
using openssl::Reader;

constexpr char kChainEntry[] = "tls.crt";
constexpr char kKeyEntry[] = "tls.key";
// What TLS libraries ask for by default today: RSA with 2048 bits, SHA-256 (NIST SP 800-57, table 2).
constexpr int kLeastSecurityBits = 112;

using Chain = std::vector<Owned<X509>>;

Chain ReadChain(const std::string& pem) {
  Chain chain;
  const Owned<BIO> reader = Reader(pem);
  while (Owned<X509> certificate{PEM_read_bio_X509(reader.get(), nullptr, NoPassphrase, nullptr)}) {
    chain.push_back(std::move(certificate));
  }
  return chain;
}

// A proxy's TLS would not take it. The signature of a root, over itself, proves nothing and may be old.
bool IsWeak(X509* certificate) {
  int bits = 0;
  const bool is_root = (X509_get_extension_flags(certificate) & EXFLAG_SS) != 0;
  const bool is_signed_weakly = X509_get_signature_info(certificate, nullptr, nullptr, &bits, nullptr) == 1 &&
                                bits < kLeastSecurityBits;
  EVP_PKEY* const key = X509_get0_pubkey(certificate);
  return key == nullptr || EVP_PKEY_get_security_bits(key) < kLeastSecurityBits ||
         (is_signed_weakly && !is_root);
}

bool IsOfTls(EVP_PKEY* key) {
  const int kind = EVP_PKEY_get_base_id(key);
  return kind == EVP_PKEY_RSA || kind == EVP_PKEY_EC || kind == EVP_PKEY_ED25519;
}

std::vector<std::string> NamesOf(X509* certificate) {
  std::vector<std::string> names;
  const Owned<GENERAL_NAMES> alternatives(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(alternatives.get()); ++i) {
    const GENERAL_NAME* alternative = sk_GENERAL_NAME_value(alternatives.get(), i);
    if (alternative->type != GEN_DNS) continue;
    const auto* text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(alternative->d.dNSName));
    std::string name(text, static_cast<size_t>(ASN1_STRING_length(alternative->d.dNSName)));
    bool is_name = !name.empty();
    for (char& c : name) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      is_name = is_name && c > ' ' && c <= '~';
    }
    if (is_name) names.push_back(std::move(name));
  }
  return names;
}

std::optional<int64_t> ExpiryOf(X509* certificate) {
  tm ends{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &ends) != 1) return std::nullopt;
  return timegm(&ends);
}

// Fills in what the texts say, or says why they cannot be used.
std::string ReadPair(const std::string& chain_pem, const std::string& key_pem, TlsSecret& secret) {
  const Chain chain = ReadChain(chain_pem);
  const std::optional<int64_t> expires = chain.empty() ? std::nullopt : ExpiryOf(chain.front().get());
  if (!expires) {
    return "its tls.crt cannot be read: write the certificate, and behind it those that lead to its "
           "authority, in PEM form";
  }
  const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(Reader(key_pem).get(), nullptr, NoPassphrase, nullptr));
  if (!key) {
    return "its tls.key cannot be read: write the certificate's private key in PEM form, without a "
           "passphrase";
  }
  if (X509_check_private_key(chain.front().get(), key.get()) != 1) {
    return "its tls.key does not belong to its tls.crt: put in the two that were made together";
  }
  bool is_weak = !IsOfTls(key.get());
  for (const Owned<X509>& certificate : chain) is_weak = is_weak || IsWeak(certificate.get());
  if (is_weak) {
    return "a key or signature in its tls.crt is too weak for TLS: use RSA with 2048 bits or more, or ECDSA, "
           "and SHA-256";
  }
  secret.names = NamesOf(chain.front().get());
  secret.expires = *expires;
  secret.chain = chain_pem;
  secret.key = key_pem;
  return "";
}

}  // namespace

TlsSecret ParseTlsSecret(const json& object) {
  TlsSecret secret;
  secret.meta = ParseMetadata(object);
  secret.mistakes = CheckMetadata(object);
  CheckSecretEntries(object, secret.mistakes);
  std::map<std::string, std::string> entries = SecretEntries(object, secret.mistakes);
  for (const char* name : {kChainEntry, kKeyEntry}) {
    const std::string field = std::string("data[") + name + "]";
    if (!entries.contains(name)) secret.mistakes.push_back({field, "Required value"});
  }
  secret.authorities = ReadAuthorities(entries);
  secret.fault = ReadPair(entries[kChainEntry], entries[kKeyEntry], secret);
  // What stays in the thread's error queue would be taken for another call's failure.
  ERR_clear_error();
  return secret;
}

}  // namespace tollgate::resource
