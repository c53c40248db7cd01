#include "tests/kit/memory_stream.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace tollgate::kit {

void MemoryStream::Feed(std::string_view bytes) {
  if (!bytes.empty()) pieces_.emplace_back(bytes);
  GoOn();
}

void MemoryStream::TimeOutWith(std::string_view bytes) {
  if (!bytes.empty()) pieces_.emplace_back(bytes);
  if (for_input_ != nullptr) return Resume(for_input_, io::IoStatus::kTimeout);
  if (waiting_ == nullptr) return;
  waiting_->result = {io::IoStatus::kTimeout};
  std::exchange(waiting_, nullptr)->waiter.resume();
}

void MemoryStream::EndWith(io::IoStatus status) {
  end_ = status;
  GoOn();
}

void MemoryStream::Close() {
  closed_ = true;
  GoOn();
  GoOnWriting();
}

void MemoryStream::MakeRoom(size_t bytes) {
  room_ = bytes;
  GoOnWriting();
}

void MemoryStream::Resume(ReadyAwaiter*& wait, io::IoStatus status) {
  wait->result = {status};
  std::exchange(wait, nullptr)->waiter.resume();
}

void MemoryStream::GoOnWriting() {
  const bool room = room_ > 0 || closed_;
  if (for_room_ != nullptr && room) {
    return Resume(for_room_, closed_ ? io::IoStatus::kCancelled : io::IoStatus::kOk);
  }
  if (writing_ == nullptr || !writing_->Advance()) return;
  std::exchange(writing_, nullptr)->waiter.resume();
}

void MemoryStream::GoOn() {
  const bool input = closed_ || !pieces_.empty() || end_ != io::IoStatus::kWouldBlock;
  if (for_input_ != nullptr && input) {
    return Resume(for_input_, closed_ ? io::IoStatus::kCancelled : io::IoStatus::kOk);
  }
  if (waiting_ == nullptr) return;
  const io::IoResult result = TryRead(waiting_->into);
  if (result.status == io::IoStatus::kWouldBlock) return;
  waiting_->result = result;
  std::exchange(waiting_, nullptr)->waiter.resume();
}

io::IoResult MemoryStream::TryRead(std::span<char> into) {
  if (closed_) return {io::IoStatus::kCancelled};
  if (pieces_.empty()) return {end_};
  std::string& piece = pieces_.front();
  const size_t n = std::min(piece.size(), into.size());
  std::copy_n(piece.begin(), n, into.begin());
  piece.erase(0, n);
  if (piece.empty()) pieces_.pop_front();
  return {io::IoStatus::kOk, n};
}

io::IoResult MemoryStream::TryWrite(std::span<iovec> pieces) {
  if (closed_) return {io::IoStatus::kCancelled};
  if (writes_fail_) return {io::IoStatus::kFailed, 0, EPIPE};
  if (room_ == 0) return {io::IoStatus::kWouldBlock};
  size_t n = 0;
  for (const iovec& piece : pieces) {
    const size_t taken = std::min(piece.iov_len, room_ - n);
    written_.append(static_cast<const char*>(piece.iov_base), taken);
    n += taken;
  }
  if (room_ != std::numeric_limits<size_t>::max()) room_ -= n;
  return {io::IoStatus::kOk, n};
}

}  // namespace tollgate::kit
