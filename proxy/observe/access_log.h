// The access log: a JSON object a line for each request, with the reason of every answer that the gateway
// made itself. Serving threads append to a buffer of their own; one thread writes. Where it cannot keep up,
// lines are dropped and counted, never waited for. Credentials never stand in it: paths are logged without
// their query.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "api/base/result.h"
#include "proxy/exchange/exchange.h"
#include "proxy/observe/log_output.h"

namespace tollgate::observe {

class AccessLog {
 public:
  // Where lines go: a path that is appended to, "-" for standard output, "off" for nowhere.
  static Result<std::unique_ptr<AccessLog>> Open(const std::string& destination, size_t cores);
  // Writes what is left, in bounded time, and says to the process log how many lines were lost in all.
  ~AccessLog();

  // From the serving thread of `core`.
  void Append(size_t core, const exchange::Exchange& x, SteadyTime::duration took, std::string_view snapshot);

  // Lines that were lost, because they came too fast or could not be written.
  uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  // Lines of one core that wait to be written. 4 MiB is about 8,000 lines: a second of a busy core.
  static constexpr size_t kMaxBuffered = 4 * 1024 * 1024;
  struct alignas(64) Buffer {
    std::mutex mutex;
    std::string lines;  // guarded by mutex
    std::string line;   // the serving thread's own, kept for its capacity
  };

  AccessLog(int file, size_t cores);
  void WriteUntilStopped();
  void WriteBuffered(std::string& spare);
  void WriteLines(std::string_view lines);

  LogOutput output_;
  std::vector<Buffer> buffers_;
  std::atomic<uint64_t> dropped_{0};
  bool cut_ = false;  // the last line written was not written whole; the writer's own
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread writer_;
};

}  // namespace tollgate::observe
