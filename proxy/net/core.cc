#include "proxy/net/core.h"

#include "proxy/net/http1_session.h"
#include "proxy/net/http2_connection.h"
#include "proxy/net/proxy_header.h"
#include "proxy/store/redis/redis_cache_store.h"
#include "proxy/store/redis/redis_limit_store.h"

namespace tollgate::net {

namespace {

// From the first byte of a handshake to its last: as long as for a request's head.
constexpr std::chrono::seconds kHandshakeTimeout{15};
// A balancer sends its header with the first packet: one that is lost is sent again within a second or two.
constexpr std::chrono::seconds kProxyHeaderTimeout{5};

std::string_view TextOf(io::TlsOutcome outcome) {
  switch (outcome) {
    case io::TlsOutcome::kDone: return "done";
    case io::TlsOutcome::kNameRefused: return "name_refused";
    case io::TlsOutcome::kCallerRefused: return "caller_refused";
    case io::TlsOutcome::kTimeout: return "timeout";
    case io::TlsOutcome::kFailed: break;
  }
  return "failed";
}

std::unique_ptr<store::LimitStore> MakeSharedLimits(io::Loop& loop, store::LimitNode* redis, uint64_t seed) {
  return redis == nullptr ? nullptr : std::make_unique<store::RedisLimitStore>(loop, *redis, seed);
}
std::unique_ptr<store::CacheStore> MakeSharedCache(io::Loop& loop, store::CacheNode* redis, uint64_t seed) {
  return redis == nullptr ? nullptr : std::make_unique<store::RedisCacheStore>(loop, *redis, seed);
}

}  // namespace

Core::Core(size_t number, const CoreSet& set, const pipeline::Shared& shared, store::LimitStore& memory,
           const SharedStores& stores, io::TlsServer& tls, uint64_t seed)
    : number_(number),
      set_(set),
      shared_limits_(MakeSharedLimits(loop_, stores.limits, seed)),
      shared_cache_(MakeSharedCache(loop_, stores.cache, seed)),
      pipeline_(loop_, number, shared, shared_limits_ == nullptr ? memory : *shared_limits_,
                shared_cache_.get(), seed),
      tls_(tls),
      names_(shared.live, shared.clock),
      guard_(shared.guard) {}

Core::~Core() { Stop(); }

Status<> Core::Add(Kind kind, Result<std::unique_ptr<io::Acceptor>> acceptor) {
  if (!acceptor.ok()) return acceptor.error();
  (kind == Kind::kTls ? tls_acceptors_ : acceptors_).push_back(std::move(*acceptor));
  if (kind == Kind::kTls) pipeline_.SetHttpsPort(tls_local().port());
  accepting_.fetch_add(1);
  return Done{};
}

Status<> Core::Listen(Kind kind, const io::Address& on) {
  return Add(kind, io::Acceptor::Listen(loop_, on, io::Sharing::kCores));
}

Status<> Core::Reserve(Kind kind, const io::Address& on) { return Add(kind, io::Acceptor::Bind(loop_, on)); }

Status<> Core::Adopt(Kind kind, io::Descriptor listening) {
  return Add(kind, io::Acceptor::Adopt(loop_, std::move(listening)));
}

std::vector<int> Core::sockets(Kind kind) const {
  std::vector<int> sockets;
  for (const auto& acceptor : kind == Kind::kTls ? tls_acceptors_ : acceptors_) {
    sockets.push_back(acceptor->socket());
  }
  return sockets;
}

void Core::Start() {
  thread_ = std::thread([this] {
    for (const auto& acceptor : acceptors_) io::Detach(AcceptConnections(*acceptor, Kind::kPlain));
    for (const auto& acceptor : tls_acceptors_) io::Detach(AcceptConnections(*acceptor, Kind::kTls));
    io::Detach(SweepPools());
    io::Detach(LookAtCallers());
    loop_.Run();
  });
}

void Core::BeginGrace() {
  loop_.Post([this] { sessions_.SetPhase(DrainPhase::kGrace); });
}

void Core::StopAccepting() {
  loop_.Post([this] {
    for (const auto& acceptor : acceptors_) acceptor->Finish();
    for (const auto& acceptor : tls_acceptors_) acceptor->Finish();
  });
}

void Core::Finish() {
  StopAccepting();
  loop_.Post([this] {
    sessions_.SetPhase(DrainPhase::kFinishing);
    sessions_.ForEach([](Session& session) { session.CloseIfIdle(); });
  });
}

void Core::Stop() {
  if (!thread_.joinable()) return;
  loop_.Post([this] { sessions_.SetPhase(DrainPhase::kCut); });
  loop_.Stop();
  thread_.join();
}

io::Task<void> Core::AcceptConnections(io::Acceptor& acceptor, Kind kind) {
  while (true) {
    io::Task<io::Accepted> accept = acceptor.AcceptSocket();
    io::Accepted accepted = co_await accept;
    if (!accepted.socket.ok()) break;
    if (guard_ != nullptr && !guard_->AddConnection()) continue;  // which closes it
    Place(std::move(accepted), kind);
  }
  // After the last connection was counted: who reads this as none finds it there.
  accepting_.fetch_sub(1, std::memory_order_release);
}

void Core::Place(io::Accepted accepted, Kind kind) {
  const size_t chosen = set_.spread.Place(number_);
  if (chosen == number_) return Begin(std::move(accepted), kind);
  Core& other = *set_.cores[chosen];
  // What a loop is asked for has to be copyable.
  const auto passed = std::make_shared<io::Accepted>(std::move(accepted));
  other.loop_.Post([&other, passed, kind] { other.Begin(std::move(*passed), kind); });
}

void Core::Begin(io::Accepted accepted, Kind kind) {
  io::Detach(ServeConnection(io::AdoptSocket(loop_, accepted.socket.Release(), accepted.peer), kind));
}

io::Task<void> Core::ServeConnection(std::unique_ptr<io::Stream> stream, Kind kind) {
  io::Task<bool> introduced = AwaitIntroduction(*stream);
  if (co_await introduced) {
    io::Task<void> served = kind == Kind::kTls ? ServeTls(std::move(stream)) : Serve(std::move(stream), {});
    co_await served;
  }
  if (guard_ != nullptr) guard_->RemoveConnection();
  set_.spread.Remove(number_);
}

// What a proxy in front of us says of the connection, where there is one. False: it is not to be served.
io::Task<bool> Core::AwaitIntroduction(io::Stream& stream) {
  if (!proxy_protocol_) co_return true;
  io::Task<ProxyHeaderOutcome> read = ReadProxyHeader(stream, SteadyNow() + kProxyHeaderTimeout);
  const ProxyHeaderOutcome outcome = co_await read;
  pipeline_.metrics().Count(observe::Counter::kProxyHeaders, {TextOf(outcome)});
  co_return outcome == ProxyHeaderOutcome::kDone;
}

io::Task<void> Core::ServeTls(std::unique_ptr<io::Stream> stream) {
  io::Task<io::TlsAccepted> handshake =
      tls_.Accept(std::move(stream), names_, SteadyNow() + kHandshakeTimeout);
  io::TlsAccepted accepted = co_await handshake;
  pipeline_.metrics().Count(observe::Counter::kTlsHandshakes, {TextOf(accepted.outcome)});
  if (accepted.stream == nullptr) co_return;
  const exchange::Transport transport{.secure = true,
                                      .server_name = std::move(accepted.server_name),
                                      .callers = std::move(accepted.callers),
                                      .caller = std::move(accepted.caller),
                                      .tls_version = accepted.version};
  io::Task<void> served = accepted.http2 ? ServeHttp2(std::move(accepted.stream), transport, {})
                                         : Serve(std::move(accepted.stream), transport);
  co_await served;
}

// HTTP/1, unless the client turns out to have begun with HTTP/2.
io::Task<void> Core::Serve(std::unique_ptr<io::Stream> stream, exchange::Transport transport) {
  std::string preface;
  {
    Http1Session session(std::move(stream), pipeline_, sessions_, transport);
    const bool speaks_http2 = co_await session.Run();
    if (!speaks_http2) co_return;
    preface = std::string(http::kHttp2Greeting).append(session.rest());
    stream = session.ReleaseStream();
  }
  io::Task<void> served = ServeHttp2(std::move(stream), std::move(transport), std::move(preface));
  co_await served;
}

io::Task<void> Core::ServeHttp2(std::unique_ptr<io::Stream> stream, exchange::Transport transport,
                                std::string begun) {
  Http2Connection connection(loop_, std::move(stream), pipeline_, sessions_, std::move(transport));
  co_await connection.Run(begun);
}

void Core::Ask(std::function<void(ConnectionReport)> tell) {
  loop_.Post([this, tell = std::move(tell)] {
    ConnectionReport report;
    report.open = open_connections();
    sessions_.ForEach([&report](const Session& session) { session.CountIn(report.sessions); });
    pipeline_.forwarder().pool().Describe(report.upstreams);
    tell(std::move(report));
  });
}

io::Task<void> Core::LookAtCallers() {
  while (!loop_.stopping()) {
    io::Loop::Sleeper pause = loop_.Sleep(std::chrono::seconds(1));
    co_await pause;
    if (loop_.stopping()) co_return;
    sessions_.ForEach([](Session& session) { session.LookAtCaller(); });
  }
}

io::Task<void> Core::SweepPools() {
  while (!loop_.stopping()) {
    io::Loop::Sleeper pause = loop_.Sleep(std::chrono::seconds(5));
    co_await pause;
    pipeline_.forwarder().pool().Sweep(SteadyNow());
  }
}

}  // namespace tollgate::net
