// Frames of HTTP/2 as bytes (RFC 9113, section 4.1), for what no well-behaved client sends, and a reader of
// those that come back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::kit {

enum class FrameType : uint8_t {
  kData = 0,
  kHeaders = 1,
  kPriority = 2,
  kReset = 3,
  kSettings = 4,
  kPing = 6,
  kGoAway = 7,
  kWindowUpdate = 8,
  kContinuation = 9,
};

inline constexpr uint8_t kEndStream = 0x1;
inline constexpr uint8_t kAck = 0x1;
inline constexpr uint8_t kEndHeaders = 0x4;

struct Frame {
  FrameType type;
  uint8_t flags = 0;
  uint32_t stream = 0;
  std::string payload = {};
};

inline std::string Uint32(uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}
inline uint32_t ToUint32(std::string_view bytes) {
  uint32_t value = 0;
  for (const char byte : bytes.substr(0, 4)) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

inline std::string ToBytes(const Frame& frame) {
  std::string bytes = Uint32(static_cast<uint32_t>(frame.payload.size())).substr(1);
  bytes += static_cast<char>(frame.type);
  bytes += static_cast<char>(frame.flags);
  return bytes + Uint32(frame.stream) + frame.payload;
}

// Preface and SETTINGS of a client.
inline std::string Http2Greeting() {
  return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + ToBytes({FrameType::kSettings});
}

// The header block of "GET /" or "POST /" at a host of less than 127 characters: three entries of HPACK's
// static table and a literal (RFC 7541, appendix A).
inline std::string HeaderBlock(std::string_view host, bool post = false) {
  std::string block = post ? "\x83\x86\x84" : "\x82\x86\x84";
  block += "\x01";  // ":authority", literal, not indexed
  block += static_cast<char>(host.size());
  return block.append(host);
}

// The whole frames in what was received.
inline std::vector<Frame> ReadFrames(std::string_view bytes) {
  std::vector<Frame> frames;
  while (bytes.size() >= 9) {
    const size_t size = ToUint32(std::string(1, '\0').append(bytes.substr(0, 3)));
    if (bytes.size() < 9 + size) break;
    frames.push_back({static_cast<FrameType>(bytes[3]), static_cast<uint8_t>(bytes[4]),
                      ToUint32(bytes.substr(5)), std::string(bytes.substr(9, size))});
    bytes.remove_prefix(9 + size);
  }
  return frames;
}

}  // namespace tollgate::kit
