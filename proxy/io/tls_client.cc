#include "proxy/io/tls_client.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <utility>

#include "api/base/check.h"
#include "api/base/cidr.h"
#include "api/base/openssl_owned.h"
#include "proxy/io/client_sessions.h"
#include "proxy/io/tls_context.h"
#include "proxy/io/tls_stream.h"

namespace tollgate::io {

using openssl::Owned;

struct TlsClientTerms {
  OwnedContext context;
  std::string server_name;
  bool http2 = false;
  ClientSessions sessions;
};

namespace {

// What a connection is to keep as long as it lives: tickets come whenever the peer likes.
struct ClientSide {
  std::shared_ptr<TlsClientTerms> terms;
  std::string endpoint;  // sessions are resumed with the endpoint that gave them
};

// SSL_CTX_sess_set_new_cb(3). A copy is kept, since OpenSSL spoils the session of a connection whose peer
// goes away without close_notify, as many do; it may be resumed all the same (RFC 5246, section 7.2.1).
int KeepSession(SSL* ssl, SSL_SESSION* session) {
  const ClientSide& side = *static_cast<const ClientSide*>(SSL_get_app_data(ssl));
  side.terms->sessions.Keep(side.endpoint, OwnedSession(SSL_SESSION_dup(session)));
  return 0;  // the session was not taken over
}

// One for the process: it is large, and the same for all.
X509_STORE* SystemAuthorities() {
  static X509_STORE* const store = [] {
    X509_STORE* const made = X509_STORE_new();
    TOLLGATE_CHECK(made != nullptr);
    (void)X509_STORE_set_default_paths(made);  // a machine without any trusts nobody
    ERR_clear_error();
    return made;
  }();
  return store;
}

Status<> Trust(std::string_view authorities, SSL_CTX* context) {
  if (authorities.empty()) {
    TOLLGATE_CHECK(SSL_CTX_set1_verify_cert_store(context, SystemAuthorities()) == 1);
    return Done{};
  }
  Result<Owned<X509_STORE>> store = ReadAuthorities(authorities);
  if (!store.ok()) return store.error();
  TOLLGATE_CHECK(SSL_CTX_set1_verify_cert_store(context, store->get()) == 1);
  return Done{};
}

// The name as RFC 9525 has it: of the alternative names alone, a wildcard for a whole label.
void DemandName(const std::string& name, SSL_CTX* context) {
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  X509_VERIFY_PARAM* const parameters = SSL_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_hostflags(parameters,
                                  X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  const int set = ParseIp(name) ? X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str())
                                : X509_VERIFY_PARAM_set1_host(parameters, name.data(), name.size());
  TOLLGATE_CHECK(set == 1);
  // Whoever is named is trusted, an authority below another one, too.
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
}

std::string_view ReasonOf(long verified) {
  switch (verified) {
    case X509_V_OK: return "tls-handshake-failed";
    case X509_V_ERR_CERT_HAS_EXPIRED: return "tls-certificate-expired";
    case X509_V_ERR_CERT_NOT_YET_VALID: return "tls-certificate-not-yet-valid";
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
    case X509_V_ERR_HOSTNAME_MISMATCH: return "tls-name-mismatch";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN: return "tls-certificate-untrusted";
    default: return "tls-certificate-invalid";
  }
}

constexpr std::string_view kHttp2 = "h2";

void OfferHttp2(SSL_CTX* context) {
  constexpr unsigned char kOffer[] = {2, 'h', '2'};
  TOLLGATE_CHECK(SSL_CTX_set_alpn_protos(context, kOffer, sizeof kOffer) == 0);
}

// A peer that knows of no such choice leaves it open.
bool ChoseHttp2(const SSL* ssl) {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl, &name, &size);
  return std::string_view(reinterpret_cast<const char*>(name), size) == kHttp2;
}

OwnedSsl NewConnection(ClientSide& side) {
  OwnedSsl ssl(SSL_new(side.terms->context.get()));
  if (ssl == nullptr) return nullptr;
  SSL_set_connect_state(ssl.get());
  SSL_set_app_data(ssl.get(), &side);
  // SNI has names alone (RFC 6066, section 3).
  const std::string& name = side.terms->server_name;
  if (!ParseIp(name) && SSL_set_tlsext_host_name(ssl.get(), name.c_str()) != 1) return nullptr;
  const OwnedSession session = side.terms->sessions.Find(side.endpoint);
  if (session != nullptr) SSL_set_session(ssl.get(), session.get());
  return ssl;
}

}  // namespace

Result<std::shared_ptr<TlsClientTerms>> MakeTlsClientTerms(const TlsClientOptions& options) {
  auto terms = std::make_shared<TlsClientTerms>();
  terms->context = MakeClientContext();
  terms->server_name = options.server_name;
  terms->http2 = options.http2;
  SSL_CTX* const context = terms->context.get();
  if (const Status<> trusted = Trust(options.authorities, context); !trusted.ok()) return trusted.error();
  if (!options.certificate.chain.empty()) {
    if (const Status<> used = UseCertificate(options.certificate, context); !used.ok()) return used.error();
  }
  DemandName(terms->server_name, context);
  if (terms->http2) OfferHttp2(context);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, KeepSession);
  return terms;
}

Task<TlsConnected> StartTls(std::unique_ptr<Stream> connected, std::shared_ptr<TlsClientTerms> terms,
                            SteadyTime deadline) {
  auto side = std::make_shared<ClientSide>(ClientSide{std::move(terms), connected->peer().ToString()});
  OwnedSsl ssl = NewConnection(*side);
  if (ssl == nullptr) co_return TlsConnected{nullptr, "tls-handshake-failed"};
  SSL* const raw = ssl.get();
  std::unique_ptr<TcpStream> plain(static_cast<TcpStream*>(connected.release()));
  auto stream = std::make_unique<TlsStream>(std::move(plain), std::move(ssl), side);
  Task<IoResult> handshake = stream->Handshake(deadline);
  const IoResult result = co_await handshake;
  if (!result.ok()) side->terms->sessions.Forget(side->endpoint);
  if (result.status == IoStatus::kTimeout) co_return TlsConnected{nullptr, "tls-timeout"};
  if (!result.ok()) co_return TlsConnected{nullptr, ReasonOf(SSL_get_verify_result(raw))};
  if (side->terms->http2 && !ChoseHttp2(raw)) co_return TlsConnected{nullptr, "tls-no-http2"};
  co_return TlsConnected{std::move(stream), {}, SSL_session_reused(raw) == 1};
}

}  // namespace tollgate::io
