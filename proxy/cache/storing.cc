#include "proxy/cache/storing.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "proxy/cache/freshness.h"
#include "proxy/http/known_header.h"

namespace tollgate::cache {
namespace {

using http::EqualsIgnoringCase;
using http::KnownHeader;

bool IsKeyed(const CacheRequest& request, std::string_view name) {
  const auto& names = request.rule()->header_names();
  return std::any_of(names.begin(), names.end(),
                     [name](const std::string& listed) { return EqualsIgnoringCase(listed, name); });
}

bool IsListed(const api::Cache& rule, int status) {
  const auto& statuses = rule.statuses();
  return std::any_of(statuses.begin(), statuses.end(),
                     [status](uint32_t listed) { return listed == static_cast<uint32_t>(status); });
}

// Section 3: a status whose caching rules are known here. For must-understand alone (section 5.2.2.3).
bool IsUnderstood(int status) {
  constexpr std::array kStatuses = {200, 203, 204, 300, 301, 302, 303, 307,
                                    308, 404, 405, 410, 414, 451, 501};
  return std::find(kStatuses.begin(), kStatuses.end(), status) != kStatuses.end();
}

bool StatusMayBeStored(const api::Cache& rule, int status, const ResponseDirectives& said) {
  if (status < 200 || status == 206 || status == 304) return false;
  if (said.must_understand && !IsUnderstood(status)) return false;
  return IsListed(rule, status);
}

// A credential that goes upstream and is not in the key: its answer may be one user's.
bool HasUnkeyedAuthorization(const CacheRequest& request) {
  return request.forwards_authorization && !IsKeyed(request, "authorization");
}
bool HasUnkeyedCookie(const CacheRequest& request) {
  return request.forwards_cookie && !IsKeyed(request, "cookie");
}

// Whether one entry serves one user only, as a private cache's does (section 5.2.2.7). A consumer is one user
// to the gateway, but may be an application that sends the credentials of many: then it is not.
bool IsOneUsers(const CacheRequest& request) {
  return request.rule()->scope() == api::Cache::CONSUMER && !HasUnkeyedAuthorization(request) &&
         !HasUnkeyedCookie(request);
}

bool VaryNames(const http::Fields& response, std::string_view name) {
  for (const http::Field& field : response) {
    if (field.known == KnownHeader::kVary && http::ListContains(field.value, name)) return true;
  }
  return false;
}

Refusal JudgeRequest(const CacheRequest& request, const RequestDirectives& asked) {
  if (request.method != "GET") return Refusal::kMethod;
  if (request.has_body) return Refusal::kRequest;
  return asked.no_store ? Refusal::kRequestNoStore : Refusal::kNone;
}

Refusal JudgeDirectives(const CacheRequest& request, const ResponseDirectives& said) {
  // Section 5.2.2.3: who understands the status ignores the no-store that stands beside must-understand for
  // those who do not.
  if (said.no_store && !said.must_understand) return Refusal::kResponseNoStore;
  if (said.no_cache) return Refusal::kNoCache;
  if (said.is_private && !IsOneUsers(request)) return Refusal::kPrivate;
  return Refusal::kNone;
}

Refusal JudgeCredentials(const CacheRequest& request, const http::ResponseHead& head,
                         const ResponseDirectives& said) {
  // Section 3.5, in every scope: see IsOneUsers.
  const bool shareable = said.is_public || said.s_maxage || said.must_revalidate;
  if (HasUnkeyedAuthorization(request) && !shareable) return Refusal::kAuthorization;
  // RFC 9111 does not count cookies as credentials, sessions do. An upstream that says nothing about caching
  // has not agreed to share such an answer; the rule's ttl alone is no such word.
  const bool agreed = HasExplicitFreshness(head.fields, said) || VaryNames(head.fields, "cookie");
  return HasUnkeyedCookie(request) && !agreed ? Refusal::kCookie : Refusal::kNone;
}

}  // namespace

Refusal MayStore(const CacheRequest& request, const RequestDirectives& asked, const http::ResponseHead& head,
                 const http::Framing& framing, const ResponseDirectives& said) {
  if (const Refusal refusal = JudgeRequest(request, asked); refusal != Refusal::kNone) return refusal;
  if (!StatusMayBeStored(*request.rule(), head.status, said)) return Refusal::kStatus;
  if (const Refusal refusal = JudgeDirectives(request, said); refusal != Refusal::kNone) return refusal;
  // A stored Set-Cookie would hand one caller's session to everybody after. Section 7.3 leaves it to the
  // upstream to forbid that; few know. In Consumer scope too: a consumer may be an application of many users.
  if (head.fields.Find(KnownHeader::kSetCookie) != nullptr) return Refusal::kSetCookie;
  if (head.fields.Find("content-range") != nullptr) return Refusal::kPartial;
  if (framing.kind == http::Framing::Kind::kUntilClose) return Refusal::kUnbounded;
  return JudgeCredentials(request, head, said);
}

}  // namespace tollgate::cache
