#include "proxy/exchange/problem.h"

#include <array>

namespace tollgate::exchange {
namespace {

enum Grpc {
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kUnauthenticated = 16
};

constexpr std::array kRows = std::to_array<ProblemRow>({
    {Problem::kBadRequest, "bad-request", 400, kInvalidArgument, false, "The request is malformed"},
    {Problem::kUriInvalid, "uri-invalid", 400, kInvalidArgument, false,
     "The request target has no canonical form"},
    {Problem::kMethodNotAllowed, "method-not-allowed", 405, kUnimplemented, false,
     "The method is not allowed here"},
    {Problem::kMisdirected, "misdirected", 421, kUnavailable, true,
     "The request came over a connection that is not for its host"},
    {Problem::kNoCredential, "no-credential", 401, kUnauthenticated, false, "A credential is needed"},
    {Problem::kCredentialRefused, "credential-refused", 401, kUnauthenticated, false,
     "The credential is not accepted"},
    {Problem::kNotOnPlan, "not-on-plan", 403, kPermissionDenied, false,
     "The caller is on no plan of this route"},
    {Problem::kOperationNotAllowed, "operation-not-allowed", 403, kPermissionDenied, false,
     "The plan does not include this operation"},
    {Problem::kAddressRefused, "address-refused", 403, kPermissionDenied, false,
     "Requests from there are not admitted here"},
    {Problem::kHeadersTooLarge, "headers-too-large", 431, kInvalidArgument, false,
     "The request head is too large"},
    {Problem::kRateLimited, "rate-limited", 429, kResourceExhausted, true, "The rate limit is reached"},
    {Problem::kCreditsExhausted, "credits-exhausted", 429, kResourceExhausted, true,
     "The credits are used up"},
    {Problem::kRuleBroken, "rule-broken", 500, kInternal, true, "This route is misconfigured"},
    {Problem::kPlanBroken, "plan-broken", 500, kInternal, true, "The plan of this route is misconfigured"},
    {Problem::kLimitsUnavailable, "limits-unavailable", 503, kUnavailable, true,
     "Limits cannot be decided now"},
    {Problem::kNoRoute, "no-route", 404, kUnimplemented, false, "Nothing is served here"},
    {Problem::kNotImplemented, "not-implemented", 501, kUnimplemented, false,
     "The request asks for what the gateway does not do"},
    {Problem::kVersionNotSupported, "version-not-supported", 505, kUnimplemented, false,
     "The HTTP version is not supported"},
    {Problem::kUpstreamNoneReady, "upstream-none-ready", 503, kUnavailable, true,
     "No upstream endpoint is ready"},
    {Problem::kUpstreamConnect, "upstream-connect", 502, kUnavailable, true,
     "The upstream cannot be reached"},
    {Problem::kUpstreamReset, "upstream-reset", 502, kUnavailable, true,
     "The upstream closed the connection"},
    {Problem::kUpstreamTimeout, "upstream-timeout", 504, kDeadlineExceeded, true,
     "The upstream did not answer in time"},
    {Problem::kUpstreamInvalid, "upstream-invalid", 502, kUnknown, false,
     "The upstream's answer is malformed"},
    {Problem::kOverloaded, "overloaded", 503, kUnavailable, true, "The gateway is overloaded"},
    {Problem::kNotConfigured, "not-configured", 503, kUnavailable, true, "The gateway is not ready yet"},
    {Problem::kDraining, "draining", 503, kUnavailable, true, "The gateway is shutting down"},
});

constexpr bool RowsStandInOrder() {
  for (size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<size_t>(kRows[i].problem) != i) return false;
  }
  return kRows.size() == static_cast<size_t>(Problem::kDraining) + 1;
}
static_assert(RowsStandInOrder());

}  // namespace

const ProblemRow& RowOf(Problem problem) { return kRows[static_cast<size_t>(problem)]; }

}  // namespace tollgate::exchange
