// Looks at the heads of a client's frames before nghttp2 does, for what that lets pass: HEADERS and DATA on
// streams that the client has ended itself, and identifiers that go back (RFC 9113, sections 5.1 and 5.1.1).
// Whoever mixes up streams may mix up requests. One thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

namespace tollgate::http {

class Http2FrameGuard {
 public:
  enum class Verdict { kSound, kStreamClosed, kProtocolError };

  struct Checked {
    size_t sound;  // bytes that may be taken in
    Verdict verdict;
  };

  // What has arrived behind what was checked before; begins with the connection preface. Behind the first
  // frame that is not sound nothing is looked at.
  Checked Check(std::string_view bytes);

  // The gateway has reset a stream: what the client had sent by then is no fault (section 5.1, "closed").
  void NoteReset(uint32_t stream);

 private:
  static constexpr size_t kPrefaceBytes = 24;
  static constexpr size_t kHeadBytes = 9;
  // How many of these are remembered. A client that skips identifiers, or goes on with a stream that was
  // reset as long ago, is told the less exact of two errors.
  static constexpr size_t kMostRemembered = 1'000;

  struct Gap {
    uint32_t first;
    uint32_t last;
  };

  Verdict Judge();
  Verdict JudgeHeaders(uint32_t stream);
  bool IsOpen(uint32_t stream) const;
  bool WasReset(uint32_t stream) const;
  bool WasSkipped(uint32_t stream) const;
  void Open(uint32_t stream);
  void Close(uint32_t stream);

  std::array<char, kHeadBytes> head_{};
  size_t head_size_ = 0;
  size_t payload_left_ = kPrefaceBytes;  // until the next head
  uint32_t last_ = 0;                    // the highest stream that was opened
  std::vector<uint32_t> open_;           // that the client has not ended; ascending
  std::deque<uint32_t> reset_;
  std::deque<Gap> skipped_;
};

}  // namespace tollgate::http
