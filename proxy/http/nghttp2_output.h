// What a session of either side writes: nghttp2's frames, and bodies straight from where they lie. Included
// by the two sessions alone. One thread.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include "proxy/http/nghttp2_text.h"

namespace tollgate::http {

class Http2Output {
 public:
  // Writes what is to be sent next; how many bytes.
  size_t Take(nghttp2_session* session, std::span<char> into) {
    out_ = into;
    written_ = 0;
    while (true) {
      if (left_.empty()) {
        const uint8_t* frame = nullptr;
        const ssize_t size = nghttp2_session_mem_send(session, &frame);
        if (size <= 0) break;
        left_ = Text(frame, static_cast<size_t>(size));
      }
      const size_t size = std::min(left_.size(), room());
      Append(left_.substr(0, size));
      left_.remove_prefix(size);
      if (!left_.empty()) break;
    }
    return written_;
  }
  bool has_rest() const { return !left_.empty(); }

  void Append(std::string_view bytes) {
    std::copy(bytes.begin(), bytes.end(), out_.begin() + static_cast<std::ptrdiff_t>(written_));
    written_ += bytes.size();
  }
  size_t room() const { return out_.size() - written_; }

  // Whether the last frame of a body had all that there was to be sent, and was not cut to a window's size.
  bool whole = false;

 private:
  std::span<char> out_;  // where Take() writes, and how far it has come
  size_t written_ = 0;
  std::string_view left_;  // a frame that did not fit in the last Take()
};

// Of a State with an `observer`, who has the bodies, and an `output`.
template <class State>
struct BodyCallbacks {
  // How much of a body goes into the next frame; it is copied by Send.
  static ssize_t Read(nghttp2_session* session, int32_t stream, uint8_t*, size_t most, uint32_t* flags,
                      nghttp2_data_source*, void* user) {
    const auto body = static_cast<State*>(user)->observer.Body(stream);
    const size_t size = std::min(body.data.size(), most);
    if (size == 0 && !body.last) return NGHTTP2_ERR_DEFERRED;
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (!body.last || size < body.data.size()) return static_cast<ssize_t>(size);
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (body.trailers == nullptr) return static_cast<ssize_t>(size);
    *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    SubmitTrailers(session, stream, *body.trailers);
    return static_cast<ssize_t>(size);
  }

  static int Send(nghttp2_session*, nghttp2_frame* frame, const uint8_t* head, size_t size,
                  nghttp2_data_source*, void* user) {
    State& state = *static_cast<State*>(user);
    if (state.output.room() < kFrameHeadBytes + size) return NGHTTP2_ERR_WOULDBLOCK;
    const int32_t stream = frame->hd.stream_id;
    const auto body = state.observer.Body(stream);
    // It was given up since the frame's size was settled, while there was no room for it: half a frame would
    // make all that follows on the connection unreadable.
    if (body.data.size() < size) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    state.output.Append(Text(head, kFrameHeadBytes));
    state.output.Append(body.data.substr(0, size));
    state.output.whole = size > 0 && size == body.data.size();
    state.observer.OnTaken(stream, size);
    return 0;
  }
};

}  // namespace tollgate::http
