#include "controller/kube/body_pipe.h"

#include <utility>

namespace tollgate::kube {

void BodyPipe::PutStatus(int status) {
  const std::lock_guard lock(mutex_);
  status_ = status;
  changed_.notify_all();
}

void BodyPipe::PutPiece(std::string_view bytes, Consumed consumed) {
  {
    const std::lock_guard lock(mutex_);
    if (!closed_) {
      piece_ = Piece{bytes, std::move(consumed)};
      taken_ = false;
      changed_.notify_all();
      return;
    }
  }
  consumed();
}

void BodyPipe::PutEnd(std::optional<Fault> fault) {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  fault_ = std::move(fault);
  changed_.notify_all();
}

template <class Ready>
std::optional<Fault> BodyPipe::Await(std::unique_lock<std::mutex>& lock, SteadyTime deadline,
                                     std::stop_token stop, Ready ready) {
  if (changed_.wait_until(lock, stop, deadline, ready)) return std::nullopt;
  if (stop.stop_requested()) return Fault{"it was no longer wanted"};
  return Fault{"nothing came in time"};
}

Result<int> BodyPipe::AwaitStatus(SteadyTime deadline, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  if (auto fault = Await(lock, deadline, stop, [&] { return status_ || ended_; })) return *fault;
  if (status_) return *status_;
  return fault_.value_or(Fault{"the connection ended without an answer"});
}

Result<std::string_view> BodyPipe::AwaitPiece(SteadyTime deadline, std::stop_token stop) {
  Release();
  std::unique_lock lock(mutex_);
  if (auto fault = Await(lock, deadline, stop, [&] { return piece_ || ended_; })) return *fault;
  if (piece_) {
    taken_ = true;
    return piece_->bytes;
  }
  if (fault_) return *fault_;
  return std::string_view();
}

void BodyPipe::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    taken_ = true;
  }
  Release();
}

// Outside the lock: the library may go on inside `consumed` and come back with the next piece.
void BodyPipe::Release() {
  std::optional<Piece> done;
  {
    const std::lock_guard lock(mutex_);
    if (taken_) done = std::exchange(piece_, std::nullopt);
  }
  if (done) done->consumed();
}

}  // namespace tollgate::kube
