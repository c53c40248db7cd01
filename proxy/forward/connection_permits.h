// How many connections to an endpoint are open, in the whole process, and who waits for one. Making and
// ending a connection costs an atomic operation; only who finds none left takes the lock. Any thread; a wait
// belongs to its loop's.
#pragma once

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <utility>

#include "proxy/io/loop.h"
#include "proxy/io/stream.h"
#include "proxy/io/tls_client.h"

namespace tollgate::forward {

class ConnectionPermits;

// The right to a connection, as long as it lives.
class Permit {
 public:
  Permit() = default;
  explicit Permit(std::shared_ptr<ConnectionPermits> of) : of_(std::move(of)) {}
  Permit(Permit&& other) noexcept = default;
  Permit& operator=(Permit&& other) noexcept {
    std::swap(of_, other.of_);
    return *this;
  }
  ~Permit();

  // Whether another request waits for one.
  bool wanted() const;

 private:
  std::shared_ptr<ConnectionPermits> of_;
};

// A connection to an endpoint: closed when this ends.
struct UpstreamConnection {
  Permit permit;  // first, so that it ends after the stream
  // Under which it was made, and for which alone it is used; nullptr: in the clear.
  std::shared_ptr<io::TlsClientTerms> tls;
  std::unique_ptr<io::Stream> stream;
};

struct ConnectionLimits {
  uint32_t connections = 0;  // 0: as many as are wanted
  uint32_t pending = 0;      // requests that wait for one
};

class ConnectionPermits {
 public:
  // What a wait came to.
  enum class Grant : uint8_t {
    kPermit,      // for a connection that is to be made
    kConnection,  // one that another request has finished with
    kFull,        // as many wait already as may
    kTimeout,
  };
  class Waiter;

  // Counts a connection; false where there are as many as may be.
  bool Take(uint32_t most);
  // Uncounts one. Whoever has waited longest may make another.
  void Return();

  // Whether anybody waits: a connection that is idle then is better given up.
  bool wanted() const { return waiting_.load() > 0; }
  // Hands a connection that is idle now to who waits for such a one on the same loop, unless others have been
  // passed over for long. False: `connection` is as it was.
  bool HandOver(const io::Loop& loop, UpstreamConnection& connection);

  uint32_t open() const { return open_.load(std::memory_order_relaxed); }

 private:
  // A connection cannot change its core. So often whoever waits longest, on another one, is passed over.
  static constexpr uint32_t kMostPassedOver = 8;

  // False: it need not wait, and its grant says why.
  bool Enqueue(Waiter& waiter);
  // Takes one out that has not been granted anything; false where it has.
  bool Dequeue(const Waiter& waiter);
  // Under mutex_.
  void Finish(Waiter& waiter, Grant grant);
  void Remove(const Waiter& waiter);

  alignas(64) std::atomic<uint32_t> open_{0};
  std::atomic<uint32_t> waiting_{0};  // the queue's size; written under mutex_
  std::mutex mutex_;
  std::list<Waiter*> queue_;  // guarded by mutex_
};

// co_await: a Grant, no later than the deadline. One wait, on its loop's thread.
class ConnectionPermits::Waiter final : io::Timer {
 public:
  // `tls` as that of the connection which is waited for.
  Waiter(ConnectionPermits& permits, io::Loop& loop, const ConnectionLimits& limits, SteadyTime deadline,
         const io::TlsClientTerms* tls = nullptr)
      : permits_(permits), loop_(loop), limits_(limits), deadline_(deadline), tls_(tls) {}

  // Queues up; false where it need not wait. To be awaited at once, on the same thread.
  bool Begin();
  // Ends the wait soon, as its deadline would. Only while it is awaited, on its thread.
  void GiveUp();
  // Nobody waited before it: what is idle on other cores is to be asked for now.
  bool first() const { return first_; }

  bool await_ready() const noexcept { return !queued_; }
  void await_suspend(std::coroutine_handle<> waiter);
  Grant await_resume() const { return grant_; }

  // Of kConnection.
  UpstreamConnection connection;

 private:
  friend class ConnectionPermits;
  void OnTimer() override;

  ConnectionPermits& permits_;
  io::Loop& loop_;
  const ConnectionLimits limits_;
  const SteadyTime deadline_;
  const io::TlsClientTerms* const tls_;
  std::coroutine_handle<> waiter_;
  bool first_ = false;
  bool queued_ = false;  // on its own thread: it has to wait
  Grant grant_ = Grant::kTimeout;
  uint32_t passed_over_ = 0;  // guarded by the permits' mutex
};

}  // namespace tollgate::forward
