// The tests' own redis-server can be killed and started again at its port while other tests run.

#include "tests/kit/redis_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <future>

#include "tests/kit/eventually.h"

namespace tollgate::kit {
namespace {

// A port that is taken and not listened on; closing it gives it back.
int Take(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in on{};
  on.sin_family = AF_INET;
  on.sin_port = htons(static_cast<uint16_t>(port));
  on.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&on), sizeof on), 0);
  return socket;
}

TEST(RedisServerTest, ItsPortIsNoneThatAClientIsGiven) {
  int lowest = 0;
  std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> lowest;
  if (lowest <= 11000) GTEST_SKIP() << "the kernel gives clients nearly every port";
  EXPECT_LT(RedisServer().port(), lowest);
}

TEST(RedisServerTest, ItStartsAgainWhenItsPortWasTakenForAMoment) {
  RedisServer redis;
  redis.Kill();
  const int taken = Take(redis.port());
  std::future<void> started = std::async(std::launch::async, [&] { redis.Start(); });
  // Not before it was refused the port.
  EXPECT_TRUE(Eventually([&] { return redis.Log().find("Address already in use") != std::string::npos; }));
  ::close(taken);
  started.get();
  EXPECT_EQ(redis.Ask({"PING"}), "PONG");
}

}  // namespace
}  // namespace tollgate::kit
