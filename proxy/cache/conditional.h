// Whether a caller who asks from a stored answer has it already (RFC 9111, section 4.3.2). Pure; any thread.
#pragma once

#include "proxy/cache/stored_response.h"
#include "proxy/http/head.h"

namespace tollgate::cache {

// True: answer 304 with `response.not_modified()` (and Age), without a body. If-None-Match by weak
// comparison, else If-Modified-Since (RFC 9110, section 13.2.2). Only a 200 is ever "not modified"
// (section 13.2.1).
bool IsNotModified(const StoredResponse& response, const http::Fields& request);

}  // namespace tollgate::cache
