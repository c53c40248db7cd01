// A port for a program that cannot be told to pick one itself. Any thread.
#pragma once

namespace tollgate::kit {

// Of loopback, free now, and none that the kernel could give to a client of another test meanwhile: it may be
// bound again later. Another program may take it first; then the start is tried with a further one.
int FreePort();

}  // namespace tollgate::kit
