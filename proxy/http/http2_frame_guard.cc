#include "proxy/http/http2_frame_guard.h"

#include <algorithm>

namespace tollgate::http {
namespace {

// RFC 9113, section 6.
constexpr uint8_t kData = 0x0;
constexpr uint8_t kHeaders = 0x1;
constexpr uint8_t kResetStream = 0x3;
constexpr uint8_t kEndStream = 0x1;

uint32_t Number(const char* bytes, size_t size) {
  uint32_t number = 0;
  for (size_t i = 0; i < size; ++i) number = number << 8 | static_cast<uint8_t>(bytes[i]);
  return number;
}

template <class T>
void Remember(std::deque<T>& all, const T& one, size_t most) {
  all.push_back(one);
  if (all.size() > most) all.pop_front();
}

}  // namespace

Http2FrameGuard::Checked Http2FrameGuard::Check(std::string_view bytes) {
  size_t at = 0;
  while (at < bytes.size()) {
    const size_t payload = std::min(payload_left_, bytes.size() - at);
    payload_left_ -= payload;
    at += payload;
    const size_t head = std::min(kHeadBytes - head_size_, bytes.size() - at);
    std::copy_n(bytes.data() + at, head, head_.data() + head_size_);
    head_size_ += head;
    at += head;
    if (head_size_ < kHeadBytes) break;
    head_size_ = 0;
    payload_left_ = Number(head_.data(), 3);
    if (const Verdict verdict = Judge(); verdict != Verdict::kSound) return {at - head, verdict};
  }
  return {bytes.size(), Verdict::kSound};
}

Http2FrameGuard::Verdict Http2FrameGuard::Judge() {
  const auto type = static_cast<uint8_t>(head_[3]);
  const uint32_t stream = Number(head_.data() + 5, 4) & 0x7fffffff;
  // Those that no client opens are nghttp2's to refuse.
  if (stream % 2 == 0 || (type != kData && type != kHeaders && type != kResetStream)) return Verdict::kSound;
  if (type == kHeaders) {
    if (const Verdict verdict = JudgeHeaders(stream); verdict != Verdict::kSound) return verdict;
  }
  if (type == kData && stream <= last_ && !IsOpen(stream) && !WasReset(stream)) return Verdict::kStreamClosed;
  const bool ends = type == kResetStream || (static_cast<uint8_t>(head_[4]) & kEndStream) != 0;
  if (ends) Close(stream);
  return Verdict::kSound;
}

Http2FrameGuard::Verdict Http2FrameGuard::JudgeHeaders(uint32_t stream) {
  if (stream > last_) {
    Open(stream);
    return Verdict::kSound;
  }
  if (IsOpen(stream) || WasReset(stream)) return Verdict::kSound;
  return WasSkipped(stream) ? Verdict::kProtocolError : Verdict::kStreamClosed;
}

void Http2FrameGuard::Open(uint32_t stream) {
  const uint32_t next = last_ == 0 ? 1 : last_ + 2;
  if (stream > next) Remember(skipped_, Gap{next, stream - 2}, kMostRemembered);
  last_ = stream;
  open_.push_back(stream);
}

void Http2FrameGuard::Close(uint32_t stream) {
  const auto at = std::lower_bound(open_.begin(), open_.end(), stream);
  if (at != open_.end() && *at == stream) open_.erase(at);
}

void Http2FrameGuard::NoteReset(uint32_t stream) {
  if (!IsOpen(stream)) return;
  Close(stream);
  Remember(reset_, stream, kMostRemembered);
}

bool Http2FrameGuard::IsOpen(uint32_t stream) const {
  return std::binary_search(open_.begin(), open_.end(), stream);
}

bool Http2FrameGuard::WasReset(uint32_t stream) const {
  return std::find(reset_.begin(), reset_.end(), stream) != reset_.end();
}

bool Http2FrameGuard::WasSkipped(uint32_t stream) const {
  return std::any_of(skipped_.begin(), skipped_.end(),
                     [stream](const Gap& gap) { return gap.first <= stream && stream <= gap.last; });
}

}  // namespace tollgate::http
