// Which answers may be stored (RFC 9111, section 3). Pure; any thread.
#pragma once

#include <cstdint>

#include "proxy/cache/cache_control.h"
#include "proxy/cache/cache_request.h"
#include "proxy/http/framing.h"
#include "proxy/http/head.h"

namespace tollgate::cache {

enum class Refusal : uint8_t {
  kNone,
  kMethod,           // only GET
  kRequest,          // it has content
  kRequestNoStore,   // section 5.2.1.5
  kStatus,           // not in the rule's list, not final, partial, or not a whole answer (304)
  kResponseNoStore,  // section 5.2.2.5
  kNoCache,          // would need a validation before each use
  kPrivate,          // section 5.2.2.7
  kAuthorization,    // section 3.5
  kCookie,           // made for one session, and nothing says that it may be shared
  kSetCookie,
  kPartial,    // Content-Range
  kUnbounded,  // ends with the connection: cannot be told from one that was cut off
};

// Everything but freshness and Vary, which have their own results. The rule of `request` has a cache.
Refusal MayStore(const CacheRequest& request, const RequestDirectives& asked, const http::ResponseHead& head,
                 const http::Framing& framing, const ResponseDirectives& said);

}  // namespace tollgate::cache
