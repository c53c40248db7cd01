#include "proxy/io/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <set>

#include "api/base/check.h"
#include "api/base/digest.h"
#include "api/base/openssl_owned.h"
#include "proxy/io/tls_caller.h"

namespace tollgate::io {
namespace {

using openssl::NoPassphrase;
using openssl::Owned;

constexpr char kSuites12[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr char kSuites13[] = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr char kCurves[] = "X25519:P-256:P-384";

// What is spoken inside, the best first, each preceded by its length (RFC 7301, section 3.1).
constexpr unsigned char kProtocols[] = "\x02h2\x08http/1.1";
// What upstreams are asked for.
constexpr unsigned char kHttp1[] = "\x08http/1.1";

int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
                   unsigned offered_length, void*) {
  unsigned char* selected = nullptr;
  const int outcome =
      SSL_select_next_proto(&selected, length, kProtocols, sizeof kProtocols - 1, offered, offered_length);
  *chosen = selected;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

Owned<BIO> Reader(std::string_view text) {
  return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Fault Unusable(const std::string& what) {
  // What stays in the thread's error queue would be taken for another call's failure.
  ERR_clear_error();
  return Fault{what};
}

// Of those with the same kind of key the first counts. Its first certificate is one's own; the others lead to
// its authority.
Status<> AddCertificate(const TlsCertificate& pem, SSL_CTX* context, std::set<int>& kinds) {
  const Owned<BIO> chain = Reader(pem.chain);
  const Owned<X509> own(PEM_read_bio_X509(chain.get(), nullptr, NoPassphrase, nullptr));
  const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(Reader(pem.key).get(), nullptr, NoPassphrase, nullptr));
  if (!own || !key) return Unusable("a certificate or its key cannot be read");
  if (!kinds.insert(EVP_PKEY_get_base_id(key.get())).second) return Done{};
  if (SSL_CTX_use_certificate(context, own.get()) != 1) {
    return Unusable("a certificate's key or signature is too weak, or of a kind that TLS does not use");
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return Unusable("a private key does not belong to its certificate");
  }
  while (Owned<X509> link{PEM_read_bio_X509(chain.get(), nullptr, NoPassphrase, nullptr)}) {
    if (SSL_CTX_add1_chain_cert(context, link.get()) != 1) {
      return Unusable("a certificate of the chain is too weak");
    }
  }
  ERR_clear_error();  // "no start line" ended the reading
  return Done{};
}

OwnedContext MakeContext(const SSL_METHOD* side) {
  OwnedContext context(SSL_CTX_new(side));
  TOLLGATE_CHECK(context != nullptr);
  SSL_CTX* const raw = context.get();
  // Whatever the machine's own configuration of OpenSSL says.
  SSL_CTX_set_security_level(raw, 2);
  TOLLGATE_CHECK(SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) == 1);
  TOLLGATE_CHECK(SSL_CTX_set_max_proto_version(raw, 0) == 1);
  TOLLGATE_CHECK(SSL_CTX_set_cipher_list(raw, kSuites12) == 1);
  TOLLGATE_CHECK(SSL_CTX_set_ciphersuites(raw, kSuites13) == 1);
  TOLLGATE_CHECK(SSL_CTX_set1_groups_list(raw, kCurves) == 1);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // An idle connection gives its buffers back; a write that is tried again may stand elsewhere in memory.
  SSL_CTX_set_mode(
      raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(raw, 1);  // a record in one system call instead of two
  return context;
}

}  // namespace

OwnedContext MakeServerContext() {
  OwnedContext context = MakeContext(TLS_server_method());
  // The suites are all good; but what begins with ChaCha20 has no AES in hardware, and knows best.
  SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);  // kept by callers, in tickets
  SSL_CTX_set_alpn_select_cb(context.get(), ChooseProtocol, nullptr);
  return context;
}

OwnedContext MakeClientContext() {
  OwnedContext context = MakeContext(TLS_client_method());
  TOLLGATE_CHECK(SSL_CTX_set_alpn_protos(context.get(), kHttp1, sizeof kHttp1 - 1) == 0);
  return context;
}

Result<Owned<X509_STORE>> ReadAuthorities(std::string_view pem) {
  Owned<X509_STORE> store(X509_STORE_new());
  const Owned<BIO> reader(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  bool any = false;
  while (const Owned<X509> authority{PEM_read_bio_X509(reader.get(), nullptr, NoPassphrase, nullptr)}) {
    any = X509_STORE_add_cert(store.get(), authority.get()) == 1 || any;
  }
  ERR_clear_error();  // "no start line" ended the reading
  if (!any) return Fault{"the authorities' certificates cannot be read"};
  return store;
}

Status<> UseCertificate(const TlsCertificate& certificate, SSL_CTX* context) {
  std::set<int> kinds;
  return AddCertificate(certificate, context, kinds);
}

Result<std::shared_ptr<const TlsTerms>> MakeTlsTerms(std::span<const TlsCertificate> certificates,
                                                     TlsVersion least, std::string_view identity,
                                                     const TlsCallers& callers) {
  if (certificates.empty()) return Fault{"there is no certificate"};
  auto terms = std::make_shared<TlsTerms>();
  terms->context = MakeServerContext();
  terms->least_version = least == TlsVersion::k13 ? TLS1_3_VERSION : TLS1_2_VERSION;
  terms->session_domain = AsBytes(Sha256(identity));
  terms->proof = callers.proof;
  terms->callers = callers.identity;
  if (const Status<> trusted = TrustCallers(callers, terms->context.get()); !trusted) return trusted.error();
  std::set<int> kinds;
  for (const TlsCertificate& certificate : certificates) {
    if (const Status<> added = AddCertificate(certificate, terms->context.get(), kinds); !added) {
      return added.error();
    }
  }
  return std::shared_ptr<const TlsTerms>(std::move(terms));
}

}  // namespace tollgate::io
