// Bytes that no client would send, the same in every run of a program. One thread.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/kit/http2_frames.h"
#include "tests/kit/raw_client.h"

namespace tollgate::kit {

class HostileBytes {
 public:
  explicit HostileBytes(uint64_t seed) : random_(seed) {}

  // Up to half a kilobyte of anything.
  std::string Random() {
    std::string bytes(random_() % 512 + 1, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random_());
    return bytes;
  }

  // A valid request with up to four bytes changed, lost or added.
  std::string MutatedRequest() {
    static const std::vector<std::string> kSeeds = {
        "GET /a/b?c=d HTTP/1.1\r\nHost: a.example\r\nX-Api-Key: k\r\nCookie: a=b; c=d\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n0\r\n"
        "T: v\r\n\r\n"};
    return Mutated(kSeeds[random_() % kSeeds.size()]);
  }

  // Two requests over HTTP/2, changed in the same way, or a preface and frames of any kind and content.
  std::string MutatedHttp2() {
    static const std::string kRequests =
        ToBytes({FrameType::kHeaders, kEndHeaders | kEndStream, 1, HeaderBlock("a.example")}) +
        ToBytes({FrameType::kHeaders, kEndHeaders, 3, HeaderBlock("a.example", true)}) +
        ToBytes({FrameType::kWindowUpdate, 0, 0, Uint32(1'000)}) +
        ToBytes({FrameType::kData, kEndStream, 3, "hello"}) + ToBytes({FrameType::kPing, 0, 0, "12345678"}) +
        ToBytes({FrameType::kReset, 0, 3, Uint32(8)});
    if (random_() % 2 == 0) return Http2Greeting() + Mutated(kRequests);
    std::string bytes = Http2Greeting();
    for (uint64_t n = random_() % 8 + 1; n > 0; --n) {
      const auto flags = static_cast<uint8_t>(random_() % 3 == 0 ? random_() : kEndHeaders);
      bytes += ToBytes({static_cast<FrameType>(random_() % 12), flags, static_cast<uint32_t>(random_() % 6),
                        Random().substr(0, random_() % 24)});
    }
    return bytes;
  }

 private:
  // Up to four bytes changed, lost or added.
  std::string Mutated(std::string bytes) {
    for (uint64_t n = random_() % 4 + 1; n > 0; --n) {
      const size_t at = random_() % bytes.size();
      switch (random_() % 3) {
        case 0: bytes[at] = static_cast<char>(random_()); break;
        case 1: bytes.erase(at, 1); break;
        default: bytes.insert(at, 1, static_cast<char>(random_())); break;
      }
    }
    return bytes;
  }

  std::mt19937_64 random_;
};

// What a server makes of them: all that it sends until it closes. Fails the test where it does not.
inline std::string AnswerTo(int port, const std::string& bytes) {
  RawClient client(port);
  EXPECT_TRUE(client.connected());
  client.Send(bytes);
  client.FinishSending();
  std::string answer = client.ReadToEnd(std::chrono::seconds(60));
  EXPECT_TRUE(client.closed_by_peer()) << testing::PrintToString(bytes);
  return answer;
}

// Sends so many inputs, one a connection; how many of the answers begin so.
inline int CountBeginning(int port, int inputs, const std::string& beginning,
                          const std::function<std::string()>& next) {
  int answered = 0;
  for (int i = 0; i < inputs && !testing::Test::HasFailure(); ++i)
    answered += AnswerTo(port, next()).starts_with(beginning) ? 1 : 0;
  return answered;
}

// … with this status.
inline int CountAnswered(int port, int inputs, std::string_view status,
                         const std::function<std::string()>& next) {
  return CountBeginning(port, inputs, "HTTP/1.1 " + std::string(status) + " ", next);
}

}  // namespace tollgate::kit
