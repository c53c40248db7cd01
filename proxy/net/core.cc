#include "proxy/net/core.h"

#include "proxy/net/http1_session.h"

namespace tollgate::net {

Core::Core(size_t number, const pipeline::Shared& shared, store::LimitStore& limits, uint64_t seed)
    : pipeline_(loop_, number, shared, limits, seed) {}

Core::~Core() { Stop(); }

Status<> Core::Listen(const io::Address& on) {
  Result<std::unique_ptr<io::Acceptor>> acceptor = io::Acceptor::Listen(loop_, on, io::Sharing::kCores);
  if (!acceptor.ok()) return acceptor.error();
  acceptor_ = std::move(*acceptor);
  return Done{};
}

void Core::Start() {
  thread_ = std::thread([this] {
    io::Detach(AcceptConnections());
    io::Detach(SweepPools());
    loop_.Run();
  });
}

void Core::Drain() {
  loop_.Post([this] {
    acceptor_->Close();
    sessions_.ForEach([](Session& session) { session.Drain(); });
  });
}

void Core::Stop() {
  if (!thread_.joinable()) return;
  loop_.Stop();
  thread_.join();
}

io::Task<void> Core::AcceptConnections() {
  while (std::unique_ptr<io::Stream> stream = co_await acceptor_->Accept()) {
    io::Detach(ServeConnection(std::move(stream)));
  }
}

io::Task<void> Core::ServeConnection(std::unique_ptr<io::Stream> stream) {
  open_.fetch_add(1, std::memory_order_relaxed);
  {
    Http1Session session(std::move(stream), pipeline_, sessions_);
    co_await session.Run();
  }
  open_.fetch_sub(1, std::memory_order_relaxed);
}

io::Task<void> Core::SweepPools() {
  while (!loop_.stopping()) {
    io::Loop::Sleeper pause = loop_.Sleep(std::chrono::seconds(5));
    co_await pause;
    pipeline_.forwarder().pool().Sweep(SteadyNow());
  }
}

}  // namespace tollgate::net
