#include "tests/kit/memory_stream.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace tollgate::kit {

void MemoryStream::Feed(std::string_view bytes) {
  if (!bytes.empty()) pieces_.emplace_back(bytes);
  GoOn();
}

void MemoryStream::EndWith(io::IoStatus status) {
  end_ = status;
  GoOn();
}

void MemoryStream::Close() {
  closed_ = true;
  GoOn();
}

void MemoryStream::GoOn() {
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
  size_t n = 0;
  for (const iovec& piece : pieces) {
    written_.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
    n += piece.iov_len;
  }
  return {io::IoStatus::kOk, n};
}

}  // namespace tollgate::kit
