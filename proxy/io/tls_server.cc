#include <openssl/ssl.h>

#include <utility>

#include "proxy/io/session_tickets.h"
#include "proxy/io/tls.h"
#include "proxy/io/tls_caller.h"
#include "proxy/io/tls_context.h"
#include "proxy/io/tls_stream.h"

namespace tollgate::io {
namespace {

constexpr size_t kMostNameBytes = 255;  // of a DNS name

// What the handshake of one connection is given, and finds.
struct Hello : TicketHolder {
  Hello(TicketKeys& tickets, TlsNames& known) : TicketHolder{tickets}, names(known) {}

  TlsNames& names;
  std::string server_name;
  std::string callers;
  bool refused = false;
};

// Reads a number of two bytes and takes it off.
size_t TakeNumber(std::string_view& text) {
  if (text.size() < 2) return std::string_view::npos;
  const auto high = static_cast<unsigned char>(text[0]);
  const auto low = static_cast<unsigned char>(text[1]);
  text.remove_prefix(2);
  return size_t{high} << 8 | low;
}

// The one name of the extension (RFC 6066, section 3): a list's length, the type 0, the name's length, the
// name. False where it is something else.
bool ReadServerName(std::string_view extension, std::string& name) {
  if (TakeNumber(extension) != extension.size() || extension.empty() || extension.front() != 0) return false;
  extension.remove_prefix(1);
  if (TakeNumber(extension) != extension.size()) return false;
  if (extension.ends_with('.')) extension.remove_suffix(1);
  if (extension.empty() || extension.size() > kMostNameBytes) return false;
  name.assign(extension);
  for (char& c : name) {
    if (c <= ' ' || c > '~') return false;
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return true;
}

bool FindServerName(SSL* ssl, std::string& name) {
  const unsigned char* data = nullptr;
  size_t size = 0;
  if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &data, &size) != 1) return true;  // none
  return ReadServerName({reinterpret_cast<const char*>(data), size}, name);
}

// Before a version is chosen or a session looked for, since both depend on whose name it is.
int ChooseTerms(SSL* ssl, int* alert, void*) {
  Hello& hello = *static_cast<Hello*>(HolderOf(ssl));
  if (!FindServerName(ssl, hello.server_name)) {
    *alert = SSL_AD_DECODE_ERROR;
    return SSL_CLIENT_HELLO_ERROR;
  }
  const std::shared_ptr<const TlsTerms> terms = hello.names.Find(hello.server_name);
  if (terms == nullptr) {
    hello.refused = true;
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_CLIENT_HELLO_ERROR;
  }
  // The connection now holds the context by a count of its own.
  SSL_set_SSL_CTX(ssl, terms->context.get());
  AskCaller(terms->proof, ssl);
  hello.callers = terms->callers;
  const std::string& domain = terms->session_domain;
  const bool set = SSL_set_min_proto_version(ssl, terms->least_version) == 1 &&
                   SSL_set_session_id_context(ssl, reinterpret_cast<const unsigned char*>(domain.data()),
                                              static_cast<unsigned>(domain.size())) == 1;
  if (set) return SSL_CLIENT_HELLO_SUCCESS;
  *alert = SSL_AD_INTERNAL_ERROR;
  return SSL_CLIENT_HELLO_ERROR;
}

// Right behind the handshake.
TlsOutcome OutcomeOf(IoStatus status, const Hello& hello, const SSL* ssl) {
  // A session may go back to a certificate that has expired meanwhile.
  const bool done = status == IoStatus::kOk;
  if (done) return CallerHasExpired(ssl) ? TlsOutcome::kCallerRefused : TlsOutcome::kDone;
  if (hello.refused) return TlsOutcome::kNameRefused;
  if (status == IoStatus::kFailed && LacksTrustedCertificate(ssl)) return TlsOutcome::kCallerRefused;
  return status == IoStatus::kTimeout ? TlsOutcome::kTimeout : TlsOutcome::kFailed;
}

bool SpeaksHttp2(const SSL* ssl) {
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl, &chosen, &size);
  return std::string_view(reinterpret_cast<const char*>(chosen), size) == "h2";
}

}  // namespace

struct TlsServer::State {
  TicketKeys tickets{SteadyNow()};
  OwnedContext context = MakeServerContext();
};

TlsServer::TlsServer() : state_(std::make_unique<State>()) {
  SSL_CTX_set_client_hello_cb(state_->context.get(), ChooseTerms, nullptr);
  SealTickets(state_->context.get());
}
TlsServer::~TlsServer() = default;

Task<TlsAccepted> TlsServer::Accept(std::unique_ptr<Stream> accepted, TlsNames& names, SteadyTime deadline) {
  Hello hello(state_->tickets, names);
  OwnedSsl ssl(SSL_new(state_->context.get()));
  if (ssl == nullptr) co_return TlsAccepted{};
  SSL* const raw = ssl.get();
  SSL_set_accept_state(raw);
  Hold(raw, &hello);
  std::unique_ptr<TcpStream> plain(static_cast<TcpStream*>(accepted.release()));
  auto stream = std::make_unique<TlsStream>(std::move(plain), std::move(ssl));
  Task<IoResult> handshake = stream->Handshake(deadline);
  const IoResult result = co_await handshake;
  Hold(raw, nullptr);
  TlsAccepted done{.outcome = OutcomeOf(result.status, hello, raw),
                   .stream = nullptr,
                   .server_name = std::move(hello.server_name),
                   .version = SSL_get_version(raw),  // a literal of OpenSSL's
                   .callers = std::move(hello.callers),
                   .caller = CallerOf(raw),
                   .http2 = SpeaksHttp2(raw)};
  if (done.outcome == TlsOutcome::kDone) done.stream = std::move(stream);
  co_return done;
}

}  // namespace tollgate::io
