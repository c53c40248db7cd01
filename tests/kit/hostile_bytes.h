// Bytes that no client would send, the same in every run. One thread.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace tollgate::kit {

class HostileBytes {
 public:
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
    std::string bytes = kSeeds[random_() % kSeeds.size()];
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

 private:
  std::mt19937_64 random_{20261121};
};

}  // namespace tollgate::kit
