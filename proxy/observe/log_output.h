// The end of the access log that lines leave by: a file, a pipe, a terminal. Never waits for ever, and is not
// ended by a reader that is gone. One thread, the writer's; Hurry() is called by another.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "api/base/clock.h"
#include "api/base/result.h"

namespace tollgate::observe {

class LogOutput {
 public:
  // A path that is appended to, "-" for standard output, "off" for nowhere.
  static Result<int> Open(const std::string& destination);

  explicit LogOutput(int file);
  ~LogOutput();
  LogOutput(const LogOutput&) = delete;
  LogOutput& operator=(const LogOutput&) = delete;

  bool off() const { return file_ < 0; }

  // Writes what can be written and returns the rest: the disk is full, the reader is gone, or it is behind
  // and Hurry()'s moment has come. Until then a reader that is behind is waited for.
  std::string_view Write(std::string_view text);

  // Nothing is waited for after `end`.
  void Hurry(SteadyTime end) { end_.store(end, std::memory_order_relaxed); }

 private:
  bool AwaitReader() const;

  const int file_;      // -1: off
  const size_t piece_;  // how much may be written without blocking once it is writable
  std::atomic<SteadyTime> end_{SteadyTime::max()};
};

}  // namespace tollgate::observe
