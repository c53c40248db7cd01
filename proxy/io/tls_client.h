// TLS on the side of the upstreams, by OpenSSL: a connection that was made becomes an encrypted one, whose
// peer has proved who it is. No header of OpenSSL stands in here.
#pragma once

#include <memory>
#include <string_view>

#include "api/base/clock.h"
#include "api/base/result.h"
#include "proxy/io/stream.h"
#include "proxy/io/task.h"
#include "proxy/io/tls.h"

namespace tollgate::io {

// Whom a client asks for, whom it trusts and what it shows; and the sessions that may be resumed under that.
// Any thread.
struct TlsClientTerms;

struct TlsClientOptions {
  std::string_view authorities;  // PEM; empty: those of the system, as OpenSSL finds them
  std::string_view server_name;  // a DNS name or an address, which the peer's certificate has to have
  TlsCertificate certificate;    // shown to a peer that asks for one; empty: none is
  bool http2 = false;            // the peer has to choose HTTP/2 (RFC 7301); otherwise nothing is offered
};

// The sentence never holds a key.
Result<std::shared_ptr<TlsClientTerms>> MakeTlsClientTerms(const TlsClientOptions& options);

struct TlsConnected {
  std::unique_ptr<Stream> stream;  // nullptr: `reason` says why, in a word for logs
  std::string_view reason;
  bool resumed = false;
};

// co_await: the handshake over a connection that Connect() made, which ends by the deadline. A peer that does
// not prove to be the one that is asked for is nobody: there is no stream then.
Task<TlsConnected> StartTls(std::unique_ptr<Stream> connected, std::shared_ptr<TlsClientTerms> terms,
                            SteadyTime deadline);

}  // namespace tollgate::io
