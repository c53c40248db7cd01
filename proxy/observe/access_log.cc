#include "proxy/observe/access_log.h"

#include <algorithm>
#include <charconv>

#include "api/base/json_text.h"
#include "api/base/log.h"

namespace tollgate::observe {
namespace {

// How long a line may wait: long enough to write many at once, short enough to follow the log by eye.
constexpr std::chrono::milliseconds kFlushEvery{100};
// What a reader that is behind may take when the gateway ends.
constexpr std::chrono::seconds kLastWrite{2};

constexpr std::array<std::string_view, 3> kSources = {"gateway", "upstream", "cache"};

// As the caller spoke it.
std::string_view ProtocolOf(const http::RequestHead& head) {
  if (head.major_version == 2) return "HTTP/2";
  return head.minor_version == 0 ? "HTTP/1.0" : "HTTP/1.1";
}

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

// What a certificate says may be long.
constexpr size_t kMostOfCertificate = 512;

void WriteCaller(const io::TlsCaller& caller, LineWriter& out) {
  std::string names;
  for (const std::string& name : caller.names) names += (names.empty() ? "" : ", ") + name;
  out.Text("clientSubject", std::string_view(caller.subject).substr(0, kMostOfCertificate));
  out.Text("clientNames", std::string_view(names).substr(0, kMostOfCertificate));
  out.Text("clientFingerprint", caller.sha256);
}

void WriteLine(const exchange::Exchange& x, SteadyTime::duration took, std::string_view snapshot,
               std::string& line) {
  LineWriter out(line);
  out.Text("time", FormatTimeMicros(x.received));
  out.Text("requestId", x.request_id);
  out.Text("peer", x.peer.ip());
  if (x.forwarded_client) out.Text("client", x.forwarded_client->ip());
  out.Text("protocol", ProtocolOf(x.head));
  out.Text("tls", x.transport.tls_version);
  if (x.transport.caller) WriteCaller(*x.transport.caller, out);
  out.Text("method", x.head.method);
  out.Text("host", x.target.host);
  out.Text("path", x.target.path);
  out.Number("status", static_cast<uint64_t>(x.status));
  if (x.grpc.status >= 0) out.Number("grpcStatus", static_cast<uint64_t>(x.grpc.status));
  out.Text("source", kSources[static_cast<size_t>(x.source)]);
  out.Text("problem", x.problem);
  out.Text("reason", x.reason);
  out.Text("route", x.route);
  out.Text("rule", x.rule);
  if (x.identity.plan != nullptr) out.Text("plan", x.identity.plan->name);
  out.Text("consumer", x.identity.consumer_id());
  out.Text("verdict", x.verdict);
  if (x.store_time != 0) out.Number("storeTime", static_cast<uint64_t>(x.store_time));
  out.Text("storeOutage", x.store_outage);
  if (x.charged != 0) out.Number("charged", x.charged);
  out.Text("cacheStatus", x.cache_status);
  out.Text("upstream", x.upstream);
  out.Text("endpoint", x.endpoint);
  if (x.attempts > 1) out.Number("attempts", x.attempts);
  out.Micros("durationMicros", took);
  if (x.attempts > 0) out.Micros("upstreamMicros", x.upstream_time);
  out.Number("requestBytes", x.downstream.bytes_received());
  out.Number("responseBytes", x.downstream.bytes_sent());
  out.Text("snapshot", snapshot);
  out.End();
}

uint64_t CountLines(std::string_view text) {
  return static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

Result<std::unique_ptr<AccessLog>> AccessLog::Open(const std::string& destination, size_t cores) {
  const Result<int> file = LogOutput::Open(destination);
  if (!file.ok()) return file.error();
  return std::unique_ptr<AccessLog>(new AccessLog(*file, cores));
}

AccessLog::AccessLog(int file, size_t cores) : output_(file), buffers_(cores) {
  if (!output_.off()) writer_ = std::thread([this] { WriteUntilStopped(); });
}

AccessLog::~AccessLog() {
  output_.Hurry(SteadyNow() + kLastWrite);
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (writer_.joinable()) writer_.join();
  if (dropped() == 0) return;
  log::Warning("access log lines were lost: what takes them was too slow, full or gone",
               {{"lines", std::to_string(dropped())}});
}

void AccessLog::Append(size_t core, const exchange::Exchange& x, SteadyTime::duration took,
                       std::string_view snapshot) {
  if (output_.off()) return;
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
  if (cut_) cut_ = !output_.Write("\n").empty();
  const std::string_view lost = cut_ ? lines : output_.Write(lines);
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
