#include "proxy/observe/access_log.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "api/base/json_text.h"

namespace tollgate::observe {
namespace {

// How long a line may wait: long enough to write many at once, short enough to follow the log by eye.
constexpr std::chrono::milliseconds kFlushEvery{100};

constexpr std::array<std::string_view, 3> kSources = {"gateway", "upstream", "cache"};

class LineWriter {
 public:
  explicit LineWriter(std::string& line) : line_(line) {
    line_.clear();
    line_ += '{';
  }
  // Left out where there is nothing to say: lines stay short.
  void Text(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    Name(name);
    AppendJsonString(value, line_);
  }
  void Number(std::string_view name, uint64_t value) {
    Name(name);
    char digits[20];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
    line_.append(digits, static_cast<size_t>(end - digits));
  }
  void Micros(std::string_view name, SteadyTime::duration duration) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
    Number(name, micros < 0 ? 0 : static_cast<uint64_t>(micros));
  }
  void End() { line_ += "}\n"; }

 private:
  void Name(std::string_view name) {
    if (line_.size() > 1) line_ += ',';
    line_.append("\"").append(name).append("\":");
  }
  std::string& line_;
};

void WriteLine(const exchange::Exchange& x, SteadyTime::duration took, std::string_view snapshot,
               std::string& line) {
  LineWriter out(line);
  out.Text("time", FormatTimeMicros(x.received));
  out.Text("requestId", x.request_id);
  out.Text("peer", x.peer.ip());
  out.Text("method", x.head.method);
  out.Text("host", x.target.host);
  out.Text("path", x.target.path);
  out.Number("status", static_cast<uint64_t>(x.status));
  out.Text("source", kSources[static_cast<size_t>(x.source)]);
  out.Text("problem", x.problem);
  out.Text("reason", x.reason);
  if (x.routed) {
    out.Text("route", x.routed->route->name);
    out.Text("rule", x.routed->rule->spec->name());
  }
  if (x.identity.plan != nullptr) out.Text("plan", x.identity.plan->name);
  out.Text("consumer", x.identity.consumer_id());
  out.Text("verdict", x.verdict);
  if (x.store_time != 0) out.Number("storeTime", static_cast<uint64_t>(x.store_time));
  if (x.charged != 0) out.Number("charged", x.charged);
  out.Text("cacheStatus", x.cache_status);
  out.Text("upstream", x.upstream);
  if (x.attempts > 1) out.Number("attempts", x.attempts);
  out.Micros("durationMicros", took);
  if (x.attempts > 0) out.Micros("upstreamMicros", x.upstream_time);
  out.Number("requestBytes", x.downstream.bytes_received());
  out.Number("responseBytes", x.downstream.bytes_sent());
  out.Text("snapshot", snapshot);
  out.End();
}

// Whether a reader that cannot take more now will within a moment; only for a file that does not block.
bool WaitUntilWritable(int file) {
  pollfd waiting{file, POLLOUT, 0};
  return ::poll(&waiting, 1, 1000) == 1;
}

// Writes what can be written; returns what cannot: the disk is full or the reader is gone, and serving goes
// on.
std::string_view WriteAll(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(file, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN && WaitUntilWritable(file)) continue;
    if (n <= 0) return text;
    text.remove_prefix(static_cast<size_t>(n));
  }
  return {};
}

uint64_t CountLines(std::string_view text) {
  return static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

Result<std::unique_ptr<AccessLog>> AccessLog::Open(const std::string& destination, size_t cores) {
  int file = -1;
  if (destination == "-") {
    file = STDOUT_FILENO;
  } else if (destination != "off") {
    file = ::open(destination.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (file < 0) {
      return Fault{"cannot open the access log \"" + destination + "\": " + std::strerror(errno) +
                   "; give a file that can be written, - or off"};
    }
  }
  return std::unique_ptr<AccessLog>(new AccessLog(file, cores));
}

AccessLog::AccessLog(int file, size_t cores) : file_(file), buffers_(cores) {
  if (file_ >= 0) writer_ = std::thread([this] { WriteUntilStopped(); });
}

AccessLog::~AccessLog() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (writer_.joinable()) writer_.join();
  if (file_ > STDERR_FILENO) ::close(file_);
}

void AccessLog::Append(size_t core, const exchange::Exchange& x, SteadyTime::duration took,
                       std::string_view snapshot) {
  if (file_ < 0) return;
  Buffer& buffer = buffers_[core];
  WriteLine(x, took, snapshot, buffer.line);
  const std::scoped_lock lock(buffer.mutex);
  if (buffer.lines.size() + buffer.line.size() > kMaxBuffered) {
    dropped_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  buffer.lines += buffer.line;
}

void AccessLog::WriteBuffered(std::string& spare) {
  for (Buffer& buffer : buffers_) {
    spare.clear();
    {
      const std::scoped_lock lock(buffer.mutex);
      std::swap(spare, buffer.lines);
    }
    if (!spare.empty()) WriteLines(spare);
  }
}

void AccessLog::WriteLines(std::string_view lines) {
  // A line that was cut is ended first, so that it spoils none but itself.
  if (cut_) cut_ = !WriteAll(file_, "\n").empty();
  const std::string_view lost = cut_ ? lines : WriteAll(file_, lines);
  if (lost.empty()) return;
  dropped_.fetch_add(CountLines(lost), std::memory_order_relaxed);
  const std::string_view written = lines.substr(0, lines.size() - lost.size());
  cut_ = cut_ || !(written.empty() || written.ends_with('\n'));
}

void AccessLog::WriteUntilStopped() {
  std::string spare;
  std::unique_lock lock(mutex_);
  while (true) {
    const bool stop = wake_.wait_for(lock, kFlushEvery, [this] { return stopping_; });
    lock.unlock();
    WriteBuffered(spare);
    lock.lock();
    if (stop) return;
  }
}

}  // namespace tollgate::observe
