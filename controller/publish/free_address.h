// Whether the push can listen somewhere, asked before gRPC does: it binds with SO_REUSEPORT, by which a
// second controller of the same user would take half of the proxies of a first without a word. Any thread.
#pragma once

#include <string>

#include "api/base/result.h"

namespace tollgate::publish {

// `address` is "HOST:PORT" or "[V6]:PORT", HOST a name or an IP address. Fails with a sentence that names the
// address, the reason and the remedy. What cannot be resolved is left to gRPC to refuse.
Status<> CheckAddressIsFree(const std::string& address);

}  // namespace tollgate::publish
