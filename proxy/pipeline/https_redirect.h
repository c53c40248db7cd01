// The answer to a request that is to come over TLS. Pure; any thread.
#pragma once

#include <cstdint>

#include "proxy/exchange/answer.h"
#include "proxy/exchange/arena.h"
#include "proxy/http/target.h"

namespace tollgate::pipeline {

// 308, which keeps method and body (RFC 9110, section 15.4.9), to the same address over HTTPS. Its port: none
// where the request names none, since the default one then stands for both; else the listener's own.
void MakeHttpsRedirect(const http::Target& target, uint16_t https_port, exchange::Arena& arena,
                       exchange::Answer& answer);

}  // namespace tollgate::pipeline
