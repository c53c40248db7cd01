// A line for each request, whatever it was, and none lost without being counted.
#include "proxy/observe/access_log.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "tests/kit/eventually.h"
#include "tests/kit/snapshot_builder.h"
#include "tests/kit/temp_folder.h"
#include "tests/kit/test_exchange.h"

namespace tollgate::observe {
namespace {

using namespace std::string_literals;  // NOLINT: for text with zero bytes
using nlohmann::json;
using std::chrono::microseconds;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kNow[] = "1994-11-06T08:49:37.000001Z";

class AccessLogTest : public ::testing::Test {
 protected:
  std::unique_ptr<AccessLog> Open(const std::string& destination, size_t cores = 1) {
    auto log = AccessLog::Open(destination, cores);
    EXPECT_TRUE(log.ok()) << log.error().message;
    return std::move(*log);
  }
  // Logs one exchange; the line as it stands in the file.
  std::string Log(exchange::Exchange& x) {
    x.received = 784'111'777'000'001;
    Open(path_)->Append(0, x, microseconds(1234), "0123456789ab");
    std::string line = folder_.Read("access.log");
    folder_.Remove("access.log");
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
    EXPECT_TRUE(line.ends_with("}\n"));
    return line;
  }
  json LogAsJson(exchange::Exchange& x) {
    const std::string line = Log(x);
    json parsed = json::parse(line, nullptr, false);
    EXPECT_TRUE(parsed.is_object()) << line;
    return parsed;
  }

  kit::TempFolder folder_;
  const std::string path_ = folder_ / "access.log";
};

TEST_F(AccessLogTest, RefusalSaysWhy) {
  kit::TestExchange x("POST", "/a/%2fb?secret=1", "Host: A.example:8080\r\n");
  x->status = 401;
  x->problem = "credential-refused";
  x->reason = "expired";
  x.downstream().SetBytes(3, 40);
  EXPECT_EQ(LogAsJson(*x), json::parse(R"({"time": ")" + std::string(kNow) + R"(", "requestId": "request-1",
    "peer": "192.0.2.7", "protocol": "HTTP/1.1", "method": "POST", "host": "a.example", "path": "/a/%2Fb", "status": 401,
    "source": "gateway", "problem": "credential-refused", "reason": "expired", "durationMicros": 1234,
    "requestBytes": 3, "responseBytes": 40, "snapshot": "0123456789ab"})"));
}

TEST_F(AccessLogTest, EachLineSaysWhatItsCallerSpoke) {
  kit::TestExchange old("GET", "/", "Host: a\r\n", 0);
  EXPECT_EQ(LogAsJson(*old)["protocol"], "HTTP/1.0");
  EXPECT_FALSE(LogAsJson(*old).contains("tls"));
  http::RequestHead head;
  head.major_version = 2;
  kit::FakeDownstream downstream;
  const io::Address peer = *io::Address::FromLiteral("192.0.2.7", 1);
  const exchange::Transport transport{.secure = true, .server_name = "a.example", .tls_version = "TLSv1.3"};
  exchange::Exchange x(head, downstream, peer, transport);
  EXPECT_EQ(LogAsJson(x)["protocol"], "HTTP/2");
  EXPECT_EQ(LogAsJson(x)["tls"], "TLSv1.3");
}

TEST_F(AccessLogTest, ServedRequestSaysByWhomAndForWhom) {
  kit::SnapshotBuilder builder;
  builder.Plan("market/gold");
  builder.Consumer("market/gold", "ada");
  kit::AddRule(builder.GuardedRoute("market/quotes", {"market/gold"}), "get-quote");
  const auto catalog = builder.Build();
  kit::TestExchange x("GET", "/");
  x->routed = exchange::Routed{&kit::RouteNamed(*catalog, "market/quotes"),
                               &kit::RuleNamed(*catalog, "get-quote"), 0, nullptr};
  x->route = "market/quotes";
  x->rule = "get-quote";
  x->identity = {catalog->plans().data(), 0, &catalog->consumers()[0].spec};
  x->status = 200;
  x->source = exchange::Source::kUpstream;
  x->upstream = "market/quotes:http";
  x->endpoint = "10.0.0.1:80";
  x->attempts = 2;
  x->upstream_time = microseconds(1000);
  x->verdict = "admitted";
  x->charged = 5;
  x->store_time = 784'111'777'000'000;
  x->cache_status = "tollgate; fwd=miss";
  const json line = LogAsJson(*x);
  EXPECT_EQ(line["route"], "market/quotes");
  EXPECT_EQ(line["rule"], "get-quote");
  EXPECT_EQ(line["plan"], "market/gold");
  EXPECT_EQ(line["consumer"], "market/ada");
  EXPECT_EQ(line["source"], "upstream");
  EXPECT_EQ(line["upstream"], "market/quotes:http");
  EXPECT_EQ(line["endpoint"], "10.0.0.1:80");
  EXPECT_EQ(line["attempts"], 2);
  EXPECT_EQ(line["upstreamMicros"], 1000);
  EXPECT_EQ(line["verdict"], "admitted");
  EXPECT_EQ(line["charged"], 5);
  EXPECT_EQ(line["storeTime"], 784'111'777'000'000);
  EXPECT_EQ(line["cacheStatus"], "tollgate; fwd=miss");
}

TEST_F(AccessLogTest, QueryAndCredentialsNeverStandInIt) {
  kit::TestExchange x("GET", "/a?api_key=s3cret&x=s3cret",
                      "Host: a\r\nX-Api-Key: s3cret\r\nAuthorization: s3cret\r\nCookie: key=s3cret\r\n");
  EXPECT_THAT(Log(*x), Not(HasSubstr("s3cret")));
}

TEST_F(AccessLogTest, HostileTextStaysOneLineOfJson) {
  const std::string hostile = "\"}\n{\"status\":\r\0\\\x80\xFF\xC0\x7F"s;
  kit::TestExchange x("GET", "/");
  x->request_id = hostile;
  x->target.host = hostile;
  x->target.path = hostile;
  x->reason = hostile;
  x->cache_status = hostile;
  x->upstream = hostile;
  const json line = LogAsJson(*x);
  EXPECT_EQ(line["status"], 0);
  for (const char* name : {"requestId", "host", "path", "reason", "cacheStatus", "upstream"}) {
    EXPECT_THAT(line[name].get<std::string>(), StartsWith("\"}\n{\"status\":\r")) << name;
  }
}

TEST_F(AccessLogTest, EveryTokenIsAMethodThatCanBeLogged) {
  kit::TestExchange x("!#$%&'*+-.^_`|~", "/");
  EXPECT_EQ(LogAsJson(*x)["method"], "!#$%&'*+-.^_`|~");
}

TEST_F(AccessLogTest, RequestThatWasNeverReadIsLoggedToo) {
  const http::RequestHead none;
  kit::FakeDownstream downstream;
  const io::Address peer = *io::Address::FromLiteral("2001:db8::1", 1);
  exchange::Exchange x(none, downstream, peer);
  x.status = 400;
  const json line = LogAsJson(x);
  EXPECT_EQ(line["peer"], "2001:db8::1");
  EXPECT_FALSE(line.contains("method"));
}

TEST_F(AccessLogTest, LinesAreAppendedToWhatIsThere) {
  folder_.Write("access.log", "before\n");
  kit::TestExchange x("GET", "/");
  Open(path_)->Append(0, *x, {}, {});
  EXPECT_THAT(folder_.Read("access.log"), StartsWith("before\n{"));
}

TEST_F(AccessLogTest, LinesOfAllCoresArriveWhole) {
  constexpr size_t kLines = 5'000;
  {
    const std::unique_ptr<AccessLog> log = Open(path_, 2);
    std::vector<std::thread> cores;
    for (size_t core = 0; core < 2; ++core) {
      cores.emplace_back([&log, core] {
        kit::TestExchange x("GET", core == 0 ? "/zero" : "/one");
        for (size_t i = 0; i < kLines; ++i) log->Append(core, *x, {}, {});
      });
    }
    for (std::thread& core : cores) core.join();
    EXPECT_EQ(log->dropped(), 0U);
  }
  std::ifstream file(path_);
  std::map<std::string, size_t> paths;
  for (std::string line; std::getline(file, line);) ++paths[json::parse(line)["path"]];
  EXPECT_EQ(paths["/zero"], kLines);
  EXPECT_EQ(paths["/one"], kLines);
}

TEST_F(AccessLogTest, LineAppearsWithoutBeingAskedFor) {
  kit::TestExchange x("GET", "/");
  const std::unique_ptr<AccessLog> log = Open(path_);
  log->Append(0, *x, {}, {});
  EXPECT_TRUE(kit::Eventually([this] { return !folder_.Read("access.log").empty(); }));
}

TEST_F(AccessLogTest, OffWritesNothing) {
  kit::TestExchange x("GET", "/");
  const std::unique_ptr<AccessLog> log = Open("off");
  log->Append(0, *x, {}, {});
  EXPECT_EQ(log->dropped(), 0U);
}

TEST_F(AccessLogTest, FileThatCannotBeOpenedIsSaidWithTheRemedy) {
  const auto log = AccessLog::Open(folder_ / "no/such/folder", 1);
  ASSERT_FALSE(log.ok());
  EXPECT_THAT(log.error().message, HasSubstr("no/such/folder"));
  EXPECT_THAT(log.error().message, HasSubstr("give a file that can be written, - or off"));
}

TEST_F(AccessLogTest, LineThatCannotBeWrittenIsCounted) {
  kit::TestExchange x("GET", "/");
  const std::unique_ptr<AccessLog> log = Open("/dev/full");
  for (int i = 0; i < 3; ++i) log->Append(0, *x, {}, {});
  EXPECT_TRUE(kit::Eventually([&log] { return log->dropped() == 3; })) << log->dropped();
}

// A reader that takes nothing until it is told to.
class StuckReader {
 public:
  StuckReader() { EXPECT_EQ(::pipe(ends_), 0); }
  ~StuckReader() {
    GoAway();
    ::close(ends_[1]);
  }
  // What is written from now on fails.
  void GoAway() { ::close(std::exchange(ends_[0], -1)); }
  int writing_end() const { return ends_[1]; }
  std::string path() const { return "/proc/self/fd/" + std::to_string(ends_[1]); }
  // Counts lines until the writer has closed.
  uint64_t CountLines() {
    ::close(std::exchange(ends_[1], -1));
    uint64_t lines = 0;
    std::vector<char> buffer(64 * 1024);
    for (ssize_t n; (n = ::read(ends_[0], buffer.data(), buffer.size())) > 0;) {
      lines += static_cast<uint64_t>(std::count(buffer.begin(), buffer.begin() + n, '\n'));
    }
    return lines;
  }

 private:
  int ends_[2] = {-1, -1};
};

TEST_F(AccessLogTest, WhatComesTooFastIsDroppedAndCounted) {
  kit::TestExchange x("GET", "/");
  StuckReader reader;
  std::unique_ptr<AccessLog> log = Open(reader.path());
  uint64_t appended = 0;
  while (log->dropped() == 0 && appended < 1'000'000) {
    log->Append(0, *x, {}, {});
    ++appended;
  }
  EXPECT_GT(log->dropped(), 0U);
  uint64_t written = 0;
  std::thread reading([&] { written = reader.CountLines(); });
  const uint64_t dropped = log->dropped();
  log.reset();
  reading.join();
  EXPECT_EQ(written + dropped, appended);
}

// Standard output, for as long as it lives, leads into a pipe whose writes block.
class StandardOutput {
 public:
  explicit StandardOutput(const StuckReader& reader) : saved_(::dup(STDOUT_FILENO)) {
    ::dup2(reader.writing_end(), STDOUT_FILENO);
  }
  ~StandardOutput() {
    ::dup2(saved_, STDOUT_FILENO);
    ::close(saved_);
  }

 private:
  const int saved_;
};

TEST_F(AccessLogTest, AReaderThatTakesNothingDoesNotHoldTheEndUp) {
  kit::TestExchange x("GET", "/");
  StuckReader reader;
  testing::internal::CaptureStderr();
  {
    const StandardOutput redirected(reader);
    std::unique_ptr<AccessLog> log = Open("-");
    // More than a pipe holds, less than is dropped before it is written.
    for (int i = 0; i < 5'000; ++i) log->Append(0, *x, {}, {});
    EXPECT_EQ(log->dropped(), 0U);
    log.reset();  // returns
  }
  const std::string said = testing::internal::GetCapturedStderr();
  const uint64_t written = reader.CountLines();
  EXPECT_GT(written, 0U);
  EXPECT_THAT(said, HasSubstr("access log lines were lost"));
  EXPECT_THAT(said, HasSubstr("\"lines\":\"" + std::to_string(5'000 - written) + "\""));
}

TEST_F(AccessLogTest, AReaderThatIsGoneEndsNothing) {
  ::signal(SIGPIPE, SIG_IGN);  // as programs do (api/base/termination.h)
  kit::TestExchange x("GET", "/");
  StuckReader reader;
  const std::unique_ptr<AccessLog> log = Open(reader.path());
  reader.GoAway();
  for (uint64_t lines = 1; lines <= 3; ++lines) {
    log->Append(0, *x, {}, {});
    EXPECT_TRUE(kit::Eventually([&] { return log->dropped() == lines; })) << log->dropped();
  }
}

TEST_F(AccessLogTest, ANamedPipeThatNobodyReadsIsSaidAtOnce) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  const auto log = AccessLog::Open(path_, 1);
  ASSERT_FALSE(log.ok());
  EXPECT_THAT(log.error().message, HasSubstr("cannot open the access log"));
}

}  // namespace
}  // namespace tollgate::observe
