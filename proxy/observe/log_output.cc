#include "proxy/observe/log_output.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

namespace tollgate::observe {
namespace {

// How long one look at a reader that is behind takes: Hurry() is noticed after it.
constexpr int kLookMs = 50;

// Standard output is shared with other processes, so its O_NONBLOCK is not ours to set. What poll() calls
// writable takes this much without blocking (pipe(7)); a regular file never blocks for long.
size_t PieceOf(int file) {
  struct stat status {};
  const bool regular = ::fstat(file, &status) == 0 && S_ISREG(status.st_mode);
  return regular ? std::numeric_limits<size_t>::max() : PIPE_BUF;
}

}  // namespace

Result<int> LogOutput::Open(const std::string& destination) {
  if (destination == "off") return -1;
  if (destination == "-") return STDOUT_FILENO;
  // Without blocking: a named pipe that nobody reads is an error now, not a program that never starts.
  const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK;
  const int file = ::open(destination.c_str(), flags, 0640);
  if (file >= 0) return file;
  return Fault{"cannot open the access log \"" + destination + "\": " + std::strerror(errno) +
               "; give a file that can be written, - or off"};
}

LogOutput::LogOutput(int file) : file_(file), piece_(file < 0 ? 0 : PieceOf(file)) {}

LogOutput::~LogOutput() {
  if (file_ > STDERR_FILENO) ::close(file_);
}

bool LogOutput::AwaitReader() const {
  while (true) {
    const bool late = SteadyNow() >= end_.load(std::memory_order_relaxed);
    pollfd waiting{file_, POLLOUT, 0};
    // A reader that is gone counts as one: writing says so.
    if (::poll(&waiting, 1, late ? 0 : kLookMs) == 1) return true;
    if (late) return false;
  }
}

std::string_view LogOutput::Write(std::string_view text) {
  while (!text.empty()) {
    if (!AwaitReader()) return text;
    const ssize_t n = ::write(file_, text.data(), std::min(text.size(), piece_));
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n <= 0) return text;
    text.remove_prefix(static_cast<size_t>(n));
  }
  return {};
}

}  // namespace tollgate::observe
