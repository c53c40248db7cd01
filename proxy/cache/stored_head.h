// Makes the stored form of an answer's head. Pure; any thread.
#pragma once

#include "proxy/cache/stored_response.h"
#include "proxy/http/head.h"

namespace tollgate::cache {

// Fills status, lines, fields and what a condition is judged by. Left out: what describes the connection
// (RFC 9111, section 3.1), Content-Length, which is the body's, and Age, which is written anew. An answer
// without Date gets that of its receipt (RFC 9110, section 6.6.1).
void StoreHead(const http::ResponseHead& head, WallMicros received, StoredResponse& out);

}  // namespace tollgate::cache
