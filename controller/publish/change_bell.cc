#include "controller/publish/change_bell.h"

#include <utility>

namespace tollgate::publish {

ChangeBell::ChangeBell(std::function<void()> on_ring) : on_ring_(std::move(on_ring)) {
  if (on_ring_) thread_ = std::thread([this] { Run(); });
}

ChangeBell::~ChangeBell() {
  {
    const std::scoped_lock lock(mutex_);
    over_ = true;
  }
  rung_or_over_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void ChangeBell::Ring() {
  {
    const std::scoped_lock lock(mutex_);
    rung_ = true;
  }
  rung_or_over_.notify_one();
}

void ChangeBell::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    rung_or_over_.wait(lock, [this] { return rung_ || over_; });
    if (over_) return;
    rung_ = false;
    lock.unlock();
    on_ring_();
    lock.lock();
  }
}

}  // namespace tollgate::publish
