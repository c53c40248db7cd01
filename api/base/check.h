// TOLLGATE_CHECK(condition): what cannot happen. Where it does, the process says so and dies, in the shipped
// build as well: a gateway that goes on from a state nobody has thought of could let anybody in. Never for
// what the network, a file or a user can bring about. Any thread.
#pragma once

namespace tollgate {

// Writes one line to stderr and aborts.
[[noreturn]] void DieOfBrokenPromise(const char* condition, const char* function);

}  // namespace tollgate

#define TOLLGATE_CHECK(condition) \
  (static_cast<bool>(condition) ? void() : ::tollgate::DieOfBrokenPromise(#condition, __PRETTY_FUNCTION__))
