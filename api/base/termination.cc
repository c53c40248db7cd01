#include "api/base/termination.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>

#include "api/base/clock.h"

namespace tollgate {

int CatchTermination() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  return ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

void AwaitReadable(int descriptor) {
  pollfd wait{descriptor, POLLIN, 0};
  while (::poll(&wait, 1, -1) <= 0) {
  }
}

int AwaitTermination(int signals) {
  signalfd_siginfo caught{};
  while (::read(signals, &caught, sizeof caught) != sizeof caught) AwaitReadable(signals);
  return static_cast<int>(caught.ssi_signo);
}

bool TerminationWithin(int signals, std::chrono::milliseconds limit) {
  const SteadyTime deadline = SteadyNow() + limit;
  signalfd_siginfo caught{};
  while (::read(signals, &caught, sizeof caught) != sizeof caught) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyNow());
    if (left.count() <= 0) return false;
    pollfd wait{signals, POLLIN, 0};
    ::poll(&wait, 1, static_cast<int>(std::min<int64_t>(left.count(), 60'000)));
  }
  return true;
}

}  // namespace tollgate
