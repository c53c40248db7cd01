#include "proxy/tls/entrance.h"

namespace tollgate::tls {
namespace {

using exchange::Error;
using exchange::Exchange;

bool SameTerms(const HostTerms* a, const HostTerms* b) {
  return a == b || (a != nullptr && b != nullptr && a->identity == b->identity);
}

Error Misdirected(std::string detail, std::string_view reason) {
  return {.problem = exchange::Problem::kMisdirected, .detail = std::move(detail), .reason = reason};
}

exchange::Outcome<Entrance> EnterPlain(const TlsTable& table, const Exchange& x) {
  // A proxy in front of us may have ended the TLS of a host that has none here.
  const bool wants_tls = x.target.scheme == "https";
  if (!wants_tls && !table.redirects()) return Entrance::kOpen;
  const HostTerms* const terms = table.Find(x.target.host);
  if (terms == nullptr) return Entrance::kOpen;
  if (terms->redirect_plain_http && x.target.host.empty()) {
    return Error{.problem = exchange::Problem::kBadRequest,
                 .detail = "The request names no host, so it cannot be led to HTTPS; send Host."};
  }
  if (terms->redirect_plain_http) return Entrance::kLeadsToTls;
  if (!wants_tls) return Entrance::kOpen;
  return Misdirected("The target is one of HTTPS, the connection has no TLS; open one that has.",
                     "other-scheme");
}

exchange::Outcome<Entrance> EnterSecure(const TlsTable& table, const Exchange& x) {
  if (x.target.scheme == "http") {
    return Misdirected("The target is one of plain HTTP, the connection has TLS; open one without.",
                       "other-scheme");
  }
  const std::string_view opened_for = x.transport.server_name;
  const HostTerms* const terms = table.Find(x.target.host);
  if (x.target.host != opened_for && !SameTerms(terms, table.Find(opened_for))) {
    return Misdirected("This connection was opened for another host; open one for this host.", "other-host");
  }
  // Terms that have become stricter hold for connections that are open, too.
  if (terms != nullptr && !terms->callers.empty() && terms->callers != x.transport.callers) {
    return Misdirected("Other certificates of callers are asked for now; open a new connection.",
                       "other-callers");
  }
  return Entrance::kOpen;
}

}  // namespace

exchange::Outcome<Entrance> Enter(const TlsTable& table, const Exchange& x) {
  return x.transport.secure ? EnterSecure(table, x) : EnterPlain(table, x);
}

}  // namespace tollgate::tls
