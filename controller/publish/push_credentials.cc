#include "controller/publish/push_credentials.h"

#include <arpa/inet.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <utility>

#include "api/base/openssl_owned.h"

namespace tollgate::publish {
namespace {

using openssl::NoPassphrase;
using openssl::Owned;
using openssl::Reader;

constexpr int kAuthorityDays = 3650;
constexpr int kLeafDays = 365;
// Clocks of nodes differ; a certificate that begins at this moment would be refused by those that are behind.
constexpr int64_t kBackdateSeconds = 300;
constexpr WallMicros kSecond = 1'000'000;

// Whom a certificate is for and what it may do, in the notation of x509v3_config(5).
struct Profile {
  std::string common_name;
  int days;
  std::vector<std::pair<int, std::string>> extensions;
};

Fault Failed(const std::string& what) {
  char reason[256];
  ERR_error_string_n(ERR_peek_last_error(), reason, sizeof reason);
  ERR_clear_error();
  return Fault{"cannot " + what + ": OpenSSL says " + reason};
}

std::string Text(const Owned<BIO>& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return size > 0 ? std::string(data, static_cast<size_t>(size)) : std::string();
}

Result<PemPair> ToPem(X509* certificate, EVP_PKEY* key) {
  const Owned<BIO> certificate_text(BIO_new(BIO_s_mem()));
  const Owned<BIO> key_text(BIO_new(BIO_s_secmem()));
  if (PEM_write_bio_X509(certificate_text.get(), certificate) != 1 ||
      PEM_write_bio_PrivateKey(key_text.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return Failed("write a certificate as PEM text");
  }
  return PemPair{Text(certificate_text), Text(key_text)};
}

bool SetRandomSerial(X509* certificate) {
  // RFC 5280, 4.1.2.2: positive and at most 20 octets; 128 bits are never drawn twice.
  const Owned<BIGNUM> number(BN_new());
  return BN_rand(number.get(), 128, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool SetTimes(X509* certificate, int days, WallMicros now) {
  time_t begins = now / kSecond - kBackdateSeconds;
  return X509_time_adj_ex(X509_getm_notBefore(certificate), 0, 0, &begins) != nullptr &&
         X509_time_adj_ex(X509_getm_notAfter(certificate), days, 0, &begins) != nullptr;
}

bool AddExtensions(X509* certificate, X509* issuer, const Profile& profile) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  for (const auto& [nid, value] : profile.extensions) {
    const Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) return false;
  }
  return true;
}

bool SetName(X509* certificate, const std::string& common_name) {
  // RFC 5280's upper bound of a common name; those who check look at the alternative names, not here.
  const std::string text = common_name.substr(0, 64);
  return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(text.data()),
                                    static_cast<int>(text.size()), -1, 0) == 1;
}

// A certificate over a new key; without an issuer it signs itself.
Result<PemPair> Issue(const Profile& profile, X509* issuer, EVP_PKEY* issuer_key, WallMicros now) {
  const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
  const Owned<X509> certificate(X509_new());
  if (!key || !certificate) return Failed("make a key");
  X509* const signer = issuer != nullptr ? issuer : certificate.get();
  const bool made =
      X509_set_version(certificate.get(), X509_VERSION_3) == 1 && SetRandomSerial(certificate.get()) &&
      SetTimes(certificate.get(), profile.days, now) && SetName(certificate.get(), profile.common_name) &&
      X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer)) == 1 &&
      X509_set_pubkey(certificate.get(), key.get()) == 1 &&
      AddExtensions(certificate.get(), signer, profile) &&
      X509_sign(certificate.get(), issuer != nullptr ? issuer_key : key.get(), EVP_sha256()) > 0;
  if (!made) return Failed("make the certificate \"" + profile.common_name + "\"");
  return ToPem(certificate.get(), key.get());
}

Result<Owned<X509>> ReadCertificate(const std::string& pem) {
  Owned<X509> certificate(PEM_read_bio_X509(Reader(pem).get(), nullptr, NoPassphrase, nullptr));
  if (!certificate) return Failed("read a certificate of the push; it must be PEM text");
  return certificate;
}

Result<PemPair> IssueLeaf(const Profile& profile, const PemPair& authority, WallMicros now) {
  const auto issuer = ReadCertificate(authority.certificate);
  if (!issuer) return issuer.error();
  const Owned<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(Reader(authority.key).get(), nullptr, NoPassphrase, nullptr));
  if (!key) return Failed("read the key of the push's authority; it must be PEM text without a passphrase");
  if (X509_check_private_key(issuer->get(), key.get()) != 1) {
    ERR_clear_error();
    return Fault{
        "the key of the push's authority does not belong to its certificate; delete the Secret that "
        "holds them, so that new ones are made"};
  }
  return Issue(profile, issuer->get(), key.get(), now);
}

Profile LeafProfile(const std::string& common_name, const std::string& usage) {
  return {common_name,
          kLeafDays,
          {{NID_basic_constraints, "critical,CA:FALSE"},
           {NID_key_usage, "critical,digitalSignature"},
           {NID_ext_key_usage, usage},
           {NID_subject_key_identifier, "hash"},
           {NID_authority_key_identifier, "keyid:always"}}};
}

// As x509v3_config(5) lists them; nothing where one of them is no name (a comma would begin the next entry).
Result<std::string> AlternativeNames(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    unsigned char address[sizeof(in6_addr)];
    const bool is_address =
        inet_pton(AF_INET, name.c_str(), address) == 1 || inet_pton(AF_INET6, name.c_str(), address) == 1;
    const bool is_name = !name.empty() && name.find_first_not_of(
                                              "abcdefghijklmnopqrstuvwxyz"
                                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                              "0123456789-.*") == std::string::npos;
    if (!is_address && !is_name) {
      return Fault{"\"" + name + "\" cannot stand in a certificate; give a DNS name or an IP address"};
    }
    list += (list.empty() ? "" : ",") + std::string(is_address ? "IP:" : "DNS:") + name;
  }
  if (list.empty()) return Fault{"a server's certificate needs at least one name; give the controller's"};
  return list;
}

}  // namespace

Status<> CheckServerNames(const std::vector<std::string>& names) {
  if (names.empty()) return Done{};
  const Result<std::string> list = AlternativeNames(names);
  return list ? Status<>(Done{}) : Status<>(list.error());
}

Result<PemPair> MakeAuthority(const std::string& installation, WallMicros now) {
  const Profile profile{"tollgate push " + installation,
                        kAuthorityDays,
                        {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                         {NID_key_usage, "critical,keyCertSign,cRLSign"},
                         {NID_subject_key_identifier, "hash"}}};
  return Issue(profile, nullptr, nullptr, now);
}

Result<PemPair> IssueServerCertificate(const PemPair& authority, const std::vector<std::string>& names,
                                       WallMicros now) {
  const Result<std::string> list = AlternativeNames(names);
  if (!list) return list.error();
  Profile profile = LeafProfile(names.front(), "serverAuth");
  profile.extensions.emplace_back(NID_subject_alt_name, *list);
  return IssueLeaf(profile, authority, now);
}

Result<PemPair> IssueClientCertificate(const PemPair& authority, const std::string& name, WallMicros now) {
  return IssueLeaf(LeafProfile(name, "clientAuth"), authority, now);
}

}  // namespace tollgate::publish
