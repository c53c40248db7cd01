// The header fields that the proxy itself reads or writes, told apart once while a head is parsed, so that
// no stage compares names again. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace tollgate::http {

enum class KnownHeader : uint8_t {
  kOther,
  kAcceptEncoding,
  kAge,
  kAuthorization,
  kCacheControl,
  kConnection,
  kContentEncoding,
  kContentLength,
  kContentType,
  kCookie,
  kDate,
  kEtag,
  kExpect,
  kExpires,
  kForwarded,
  kHost,
  kIfMatch,
  kIfModifiedSince,
  kIfNoneMatch,
  kIfRange,
  kIfUnmodifiedSince,
  kKeepAlive,
  kLastModified,
  kLocation,
  kPragma,
  kProxyAuthenticate,
  kProxyAuthorization,
  kProxyConnection,
  kRange,
  kSetCookie,
  kTe,
  kTollgateConsumer,
  kTollgateGroup,
  kTollgateOperation,
  kTollgatePlan,
  kTrailer,
  kTransferEncoding,
  kUpgrade,
  kVary,
  kVia,
  kXForwardedClientCert,
  kXForwardedFor,
  kXForwardedHost,
  kXForwardedProto,
  kXRequestId,
};

// Field names compare without regard to case (RFC 9110, section 5.1).
KnownHeader Classify(std::string_view name);

// The header that CGI, WSGI and their like take a name with underscores for, since they read "_" as "-":
// behind one of those a caller's X_Tollgate_Plan would pass for the gateway's own. kOther for a name without.
KnownHeader ClassifyAsCgi(std::string_view name);

// RFC 9110, section 7.6.1: what describes one connection and is never forwarded. (Names listed in Connection
// itself come on top; see hop_by_hop.h.)
bool IsHopByHop(KnownHeader header);

bool EqualsIgnoringCase(std::string_view a, std::string_view b);

// Whether CGI, WSGI and their like take the one name for the other, though they differ: by "_" for "-" only.
bool IsLookAlike(std::string_view a, std::string_view b);

}  // namespace tollgate::http
