#include "proxy/forward/connection_permits.h"

#include <algorithm>

namespace tollgate::forward {

Permit::~Permit() {
  if (of_) of_->Return();
}

bool Permit::wanted() const { return of_ && of_->wanted(); }

bool ConnectionPermits::Take(uint32_t most) {
  uint32_t open = open_.load();
  while (most == 0 || open < most) {
    if (open_.compare_exchange_weak(open, open + 1)) return true;
  }
  return false;
}

// Whoever waits has said so before it looked at open_ for the last time, and here that is written before
// waiting_ is read: one of the two sees the other.
void ConnectionPermits::Return() {
  open_.fetch_sub(1);
  if (!wanted()) return;
  const std::scoped_lock lock(mutex_);
  if (queue_.empty()) return;
  Waiter& front = *queue_.front();
  if (Take(front.limits_.connections)) Finish(front, Grant::kPermit);
}

bool ConnectionPermits::HandOver(const io::Loop& loop, UpstreamConnection& connection) {
  const std::scoped_lock lock(mutex_);
  const auto here = std::find_if(queue_.begin(), queue_.end(), [&](const Waiter* waiter) {
    return &waiter->loop_ == &loop && waiter->tls_ == connection.tls.get();
  });
  if (here == queue_.end()) return false;
  Waiter& waiter = **here;
  Waiter& front = *queue_.front();
  if (&waiter != &front && ++front.passed_over_ > kMostPassedOver) return false;
  waiter.connection = std::move(connection);
  Finish(waiter, Grant::kConnection);
  return true;
}

// Posted under the lock: once a waiter is out of the queue, what makes it go on is on its way.
void ConnectionPermits::Finish(Waiter& waiter, Grant grant) {
  Remove(waiter);
  waiter.grant_ = grant;
  waiter.loop_.Post([&waiter] {
    waiter.Cancel();
    waiter.waiter_.resume();
  });
}

void ConnectionPermits::Remove(const Waiter& waiter) {
  std::erase(queue_, &waiter);
  waiting_.fetch_sub(1);
}

bool ConnectionPermits::Enqueue(Waiter& waiter) {
  const std::scoped_lock lock(mutex_);
  waiter.first_ = queue_.empty();
  queue_.push_back(&waiter);
  waiting_.fetch_add(1);
  if (Take(waiter.limits_.connections)) {
    waiter.grant_ = Grant::kPermit;
  } else if (queue_.size() > waiter.limits_.pending) {
    waiter.grant_ = Grant::kFull;
  } else {
    return true;
  }
  Remove(waiter);
  return false;
}

bool ConnectionPermits::Dequeue(const Waiter& waiter) {
  const std::scoped_lock lock(mutex_);
  if (std::find(queue_.begin(), queue_.end(), &waiter) == queue_.end()) return false;
  Remove(waiter);
  return true;
}

bool ConnectionPermits::Waiter::Begin() {
  // Nothing would end the wait.
  if (loop_.stopping()) return false;
  queued_ = permits_.Enqueue(*this);
  return queued_;
}

void ConnectionPermits::Waiter::await_suspend(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  loop_.Arm(*this, deadline_);
}

void ConnectionPermits::Waiter::GiveUp() {
  Cancel();
  loop_.Arm(*this, SteadyNow());
}

void ConnectionPermits::Waiter::OnTimer() {
  // Granted meanwhile: it goes on by what was posted.
  if (permits_.Dequeue(*this)) waiter_.resume();
}

}  // namespace tollgate::forward
