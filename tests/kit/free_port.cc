#include "tests/kit/free_port.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <random>
#include <stdexcept>
#include <utility>

namespace tollgate::kit {
namespace {

// The ports that the kernel gives to whoever asks for none.
std::pair<int, int> EphemeralPorts() {
  std::pair<int, int> range{32768, 60999};
  std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> range.first >> range.second;
  return range;
}

bool IsFree(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in on{};
  on.sin_family = AF_INET;
  on.sin_port = htons(static_cast<uint16_t>(port));
  on.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free = ::bind(socket, reinterpret_cast<sockaddr*>(&on), sizeof on) == 0;
  ::close(socket);
  return free;
}

}  // namespace

int FreePort() {
  constexpr int kFirst = 10000;
  const auto [low, high] = EphemeralPorts();
  // Where the kernel gives nearly all of them, any will have to do.
  const bool room = low > kFirst + 1000;
  std::uniform_int_distribution<int> ports(room ? kFirst : low, room ? low - 1 : high);
  std::random_device random;
  for (int tries = 0; tries < 1000; ++tries) {
    if (const int port = ports(random); IsFree(port)) return port;
  }
  throw std::runtime_error("no loopback port is free");
}

}  // namespace tollgate::kit
