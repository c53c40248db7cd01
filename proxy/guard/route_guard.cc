#include "proxy/guard/route_guard.h"

#include <algorithm>

#include "api/base/digest.h"
#include "proxy/guard/address_bytes.h"

namespace tollgate::guard {
namespace {

using exchange::Error;
using exchange::Problem;

Error Refuse(std::string detail, std::string_view reason) {
  return {.problem = Problem::kAddressRefused, .detail = std::move(detail), .reason = reason};
}

bool Contains(const std::vector<Cidr>& cidrs, const IpBytes& address) {
  return std::any_of(cidrs.begin(), cidrs.end(), [&](const Cidr& cidr) { return cidr.Contains(address); });
}

http::Field Field(std::string_view name, std::string_view value) {
  return {name, value, http::KnownHeader::kOther};
}

}  // namespace

RouteGuard::RouteGuard(const api::Security& security) : broken_(!security.broken().empty()) {
  for (const std::string& cidr : security.allow_cidrs()) Read(cidr, allowed_);
  for (const std::string& cidr : security.deny_cidrs()) Read(cidr, denied_);
  for (const std::string& pattern : security.deny_patterns()) {
    Result<api::Regex> program = api::Regex::Compile(pattern);
    if (program) {
      patterns_.push_back(*std::move(program));
    } else {
      broken_ = true;
    }
  }
  token_header_ = security.edge_token().header();
  token_digest_ = security.edge_token().digest();
  if (security.has_edge_token() && (token_header_.empty() || token_digest_.size() != Sha256Digest().size())) {
    broken_ = true;
  }
  AddFields(security.headers());
}

void RouteGuard::Read(const std::string& cidr, std::vector<Cidr>& cidrs) {
  if (const std::optional<Cidr> read = Cidr::Parse(cidr)) {
    cidrs.push_back(*read);
  } else {
    broken_ = true;
  }
}

void RouteGuard::AddFields(const api::SecurityHeaders& headers) {
  using Options = api::SecurityHeaders;
  if (headers.no_sniff()) fields_.push_back(Field("X-Content-Type-Options", "nosniff"));
  if (headers.frame_options() == Options::DENY) fields_.push_back(Field("X-Frame-Options", "DENY"));
  if (headers.frame_options() == Options::SAME_ORIGIN) {
    fields_.push_back(Field("X-Frame-Options", "SAMEORIGIN"));
  }
  if (headers.hsts_s() == 0) return;
  hsts_ = "max-age=" + std::to_string(headers.hsts_s());
  fields_.push_back(Field("Strict-Transport-Security", hsts_));
}

// RFC 6797, section 7.2: nothing of it may be said without TLS, where anybody could have.
std::span<const http::Field> RouteGuard::AnswerFields(bool secure) const {
  const std::span<const http::Field> fields(fields_);
  return secure || hsts_.empty() ? fields : fields.first(fields.size() - 1);
}

exchange::Outcome<Done> RouteGuard::Admit(const exchange::Exchange& x) const {
  if (broken_) {
    return Refuse(
        "The guard of this route is not configured; its owner finds the reason in the status of the "
        "GatewayRoute.",
        "security-broken");
  }
  if (!AdmitsAddress(x.client())) {
    return Refuse("Requests from this address are not admitted here.", "address");
  }
  if (!token_header_.empty() && !HasToken(x.head.fields)) {
    return Refuse("Requests are not admitted here directly; send them to the public address.", "edge-token");
  }
  if (Denies(x.target.path)) return exchange::NoRoute("deny-pattern");
  return Done{};
}

bool RouteGuard::AdmitsAddress(const io::Address& client) const {
  if (allowed_.empty() && denied_.empty()) return true;
  const IpBytes address = BytesOf(client);
  if (Contains(denied_, address)) return false;
  return allowed_.empty() || Contains(allowed_, address);
}

// A caller may have written one of its own beside the edge's.
bool RouteGuard::HasToken(const http::Fields& fields) const {
  return std::any_of(fields.begin(), fields.end(), [this](const http::Field& field) {
    return http::EqualsIgnoringCase(field.name, token_header_) &&
           ConstantTimeEqual(AsBytes(Sha256(field.value)), token_digest_);
  });
}

bool RouteGuard::Denies(std::string_view path) const {
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&](const api::Regex& pattern) { return pattern.FitsWhole(path); });
}

}  // namespace tollgate::guard
