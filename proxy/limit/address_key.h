// Whose an address is, for limits by address: an IPv4 address stands for one caller, of IPv6 the first 64
// bits do, since whoever has one such network has all of its 2⁶⁴ addresses. Pure; any thread.
#pragma once

#include "proxy/io/address.h"
#include "proxy/store/limit_store.h"

namespace tollgate::limit {

// `owner` tells the plans and routes apart, which each count an address for themselves. Exact, not a hash:
// two callers never share a key.
store::Key128 AddressKey(uint64_t owner, const io::Address& peer);

}  // namespace tollgate::limit
