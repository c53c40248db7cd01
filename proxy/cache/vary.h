// Vary (RFC 9111, section 4.1): what the upstream saw in a request's fields, and which stored variant fits.
// Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/cache/cache_request.h"
#include "proxy/cache/stored_response.h"
#include "proxy/http/hop_by_hop.h"

namespace tollgate::cache {

// The names of the response's Vary fields with the request's values. Nothing where no later request can be
// known to fit, and the answer is thus not to be stored: "*", a name of a field that the gateway writes anew
// for each request (X-Request-Id, X-Forwarded-For, …), more than kMaxVaryNames names, or one that the
// upstream may have read from a look-alike.
std::optional<std::vector<VaryValue>> SelectingValues(const CacheRequest& request,
                                                      const http::Fields& response);

// The request's values of names that SelectingValues() returned for another request of the same key.
std::vector<VaryValue> ValuesOf(const CacheRequest& request, const std::vector<std::string>& names);

// A cache compares every name at each hit; sixteen are more than content negotiation has.
inline constexpr size_t kMaxVaryNames = 16;

// Whether the request has what the stored answer's request had.
bool Selects(const CacheRequest& request, const std::vector<VaryValue>& vary);

// Calls visit(value) for each line of a field as the upstream gets it: the caller's, save for the fields that
// say who the caller is, which the gateway writes and takes from nobody else. A field that the caller's own
// Connection names stays behind: else a caller could have it in the key and keep it from the upstream.
template <class Visitor>
void VisitLines(const CacheRequest& request, std::string_view name, Visitor visit) {
  const exchange::Identity& identity = request.permitted.identity;
  switch (http::Classify(name)) {
    case http::KnownHeader::kTollgateConsumer: return visit(identity.consumer_id());
    case http::KnownHeader::kTollgatePlan:
      return visit(identity.plan == nullptr ? std::string_view() : std::string_view(identity.plan->name));
    case http::KnownHeader::kTollgateGroup:
      return visit(identity.consumer == nullptr ? std::string_view()
                                                : std::string_view(identity.consumer->group()));
    case http::KnownHeader::kTollgateOperation:
      return visit(std::string_view(request.permitted.routed.rule->spec->operation()));
    default: break;
  }
  const http::ConnectionOptions options(request.fields);
  for (const http::Field& field : request.fields) {
    if (http::EqualsIgnoringCase(field.name, name) && !options.Names(field)) visit(field.value);
  }
}

// Calls visit(field) for each field that goes upstream and may be taken there for a line of another one,
// since CGI, WSGI and their like read "_" as "-".
template <class Visitor>
void VisitLookAlikes(const CacheRequest& request, std::string_view name, Visitor visit) {
  const http::ConnectionOptions options(request.fields);
  for (const http::Field& field : request.fields) {
    if (http::IsLookAlike(field.name, name) && !options.Names(field)) visit(field);
  }
}

}  // namespace tollgate::cache
