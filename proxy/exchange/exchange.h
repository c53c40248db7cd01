// One request on its way through the pipeline: what came, what the stages found, what the log will say.
// One thread: the connection's.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/base/clock.h"
#include "proxy/exchange/arena.h"
#include "proxy/exchange/downstream.h"
#include "proxy/exchange/grpc_call.h"
#include "proxy/exchange/permitted.h"
#include "proxy/http/target.h"
#include "proxy/io/address.h"
#include "proxy/io/tls_identity.h"

namespace tollgate::exchange {

// Where an answer came from: the `source` label of the metrics.
enum class Source { kGateway, kUpstream, kCache };

// What a connection says of each request on it.
struct Transport {
  bool secure = false;       // over TLS
  std::string server_name;   // the host that a caller asked for in its handshake, lower case; may be empty
  std::string callers = {};  // how it was asked for a certificate (tls::HostTerms); empty: it was not
  std::optional<io::TlsCaller> caller = {};  // whom its certificate proves
  std::string_view tls_version = {};         // "TLSv1.3"; empty: in the clear

  std::string_view scheme() const { return secure ? "https" : "http"; }
};
inline const Transport kPlainTransport{};

class ErrorTemplates;
class RuleEdits;
struct RequestTrace;

// What a browser is told of a request from another origin (Fetch, section 3.3).
struct CrossOrigin {
  std::string_view allow_origin;    // empty: the origin is not admitted
  std::string_view expose_headers;  // may be empty
  bool credentials = false;
  bool varies = false;  // another origin is told otherwise
};

struct Exchange {
  Exchange(const http::RequestHead& request_head, Downstream& caller, const io::Address& caller_address,
           const Transport& connection = kPlainTransport)
      : head(request_head), downstream(caller), peer(caller_address), transport(connection) {}

  const http::RequestHead& head;
  Downstream& downstream;
  const io::Address& peer;
  const Transport& transport;
  http::Target target;
  Arena arena;

  // Of the caller, where proxies in front tell of it; nothing: the peer is the caller.
  std::optional<io::Address> forwarded_client;
  std::string_view forwarded_for;  // value of X-Forwarded-For for the upstream; empty: the peer alone
  const io::Address& client() const { return forwarded_client ? *forwarded_client : peer; }

  std::string_view request_id;
  std::string_view query;  // what goes on: the target's, without credentials and what a cache does not key
  bool has_query = false;
  http::Fields fields;              // the head's, without credentials and identity headers
  bool web_socket = false;          // the request's wish for one goes on, with what the connection says
  std::string_view web_socket_key;  // the gateway's, where the caller has none; else empty
  WallMicros received = 0;
  SteadyTime started;
  GrpcCall grpc;

  std::optional<Routed> routed;
  std::string_view route;  // "namespace/name" of the one that matched, also where it is broken
  std::string_view rule;
  Identity identity;

  // For the answer's head and the log.
  std::string_view rate_limit;         // value of RateLimit; empty: the route has no limits
  std::string_view rate_limit_policy;  // value of RateLimit-Policy
  std::string_view cache_status;       // value of Cache-Status; empty: the route has no cache

  std::span<const http::Field> route_fields;  // that every answer of the route has; slices of the snapshot
  const RuleEdits* edits = nullptr;           // of heads; nullptr: none
  std::optional<CrossOrigin> cross_origin;    // nothing: the route says nothing of origins
  RequestTrace* trace = nullptr;              // nullptr: traces are off
  const ErrorTemplates* error_templates = nullptr;  // nullptr: refusals are problem details

  // Whether the answer carries limits of the gateway's.
  bool tells_limits() const { return !rate_limit.empty() || !rate_limit_policy.empty(); }

  // For the log and the metrics.
  Source source = Source::kGateway;
  int status = 0;
  std::string_view problem;  // slug of the gateway's own answer
  std::string_view reason;   // why, where the caller is told less
  std::string_view verdict;  // of the limits
  WallMicros store_time = 0;
  std::string_view store_outage;  // how the limits were decided without their store; empty: with it
  uint64_t charged = 0;
  std::string_view upstream;  // "namespace/service:port" that was chosen
  std::string_view endpoint;  // address of the one that was tried last
  uint32_t attempts = 0;
  SteadyTime::duration upstream_time{};  // connecting, sending and waiting for the head, over all tries
  SteadyTime
      answered{};  // when the answer's head was ready; what follows is others' time, upstream and caller
};

}  // namespace tollgate::exchange
