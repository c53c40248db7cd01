// SIGINT and SIGTERM as something that a program can poll. Main thread.
#pragma once

#include <chrono>

namespace tollgate {

// A descriptor that becomes readable when the process is told to end. Call before any thread starts: threads
// inherit the mask. SIGPIPE is ignored from then on.
int CatchTermination();

// The signal that arrived; waits for one.
int AwaitTermination(int signals);

// Waits until the descriptor is readable.
void AwaitReadable(int descriptor);

// Whether one arrives within `limit`; returns as soon as it does.
bool TerminationWithin(int signals, std::chrono::milliseconds limit);

}  // namespace tollgate
