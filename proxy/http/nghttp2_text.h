// Texts and fields between our form and nghttp2's. Included by the two sessions alone. Pure; any thread.
#pragma once

#include <nghttp2/nghttp2.h>

#include <string>
#include <string_view>
#include <vector>

#include "proxy/http/trailers.h"

namespace tollgate::http {

// Room that nghttp2 may need beside a frame's payload.
inline constexpr size_t kFrameHeadBytes = 9;

inline nghttp2_nv Pair(std::string_view name, std::string_view value) {
  const auto bytes = [](std::string_view text) {
    return const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

inline std::string_view Text(const uint8_t* bytes, size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

// Field names are in lower case here (RFC 9113, section 8.2).
inline void AppendLowerCase(std::string_view text, std::string& out) {
  for (const char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

inline bool EndsStream(const nghttp2_frame& frame) { return (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0; }

// Behind what is left of the body.
inline void SubmitTrailers(nghttp2_session* session, int32_t stream, const Trailers& trailers) {
  std::string names;
  for (const Trailers::Line& line : trailers) AppendLowerCase(line.name, names);
  std::vector<nghttp2_nv> fields;
  size_t at = 0;
  for (const Trailers::Line& line : trailers) {
    fields.push_back(Pair(std::string_view(names).substr(at, line.name.size()), line.value));
    at += line.name.size();
  }
  nghttp2_submit_trailer(session, stream, fields.data(), fields.size());
}

}  // namespace tollgate::http
