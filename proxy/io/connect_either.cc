#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <utility>

#include "proxy/io/tcp.h"
#include "proxy/io/timed_wait.h"

namespace tollgate::io {
namespace {

// Two connections under way to the same host. Whoever is late is closed.
struct Race {
  explicit Race(Loop& loop) : wait(loop) {}

  TimedWait wait;
  Connected won;
  int under_way = 0;
  bool over = false;
};

Task<void> Run(Loop& loop, Address to, SteadyTime deadline, std::shared_ptr<Race> race) {
  ++race->under_way;
  Task<Connected> connecting = Connect(loop, to, deadline);
  Connected connected = co_await connecting;
  --race->under_way;
  if (race->over || race->won.stream != nullptr) co_return;
  race->won = std::move(connected);
  race->wait.Wake();
}

}  // namespace

Task<Connected> ConnectEither(Loop& loop, const Address& first, const Address& second, SteadyTime deadline) {
  const auto race = std::make_shared<Race>(loop);
  const SteadyTime stagger = SteadyNow() + kConnectStagger;
  Detach(Run(loop, first, deadline, race));
  race->wait.SetDeadline(std::min(stagger, deadline));
  if (race->under_way > 0) co_await race->wait;
  race->wait.SetDeadline(SteadyTime::max());
  if (race->won.stream == nullptr && SteadyNow() < deadline) Detach(Run(loop, second, deadline, race));
  while (race->won.stream == nullptr && race->under_way > 0) co_await race->wait;
  race->over = true;
  co_return std::move(race->won);
}

bool HasRoute(const Address& to) {
  const int fd = ::socket(to.is_ipv6() ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const bool has = ::connect(fd, to.data(), to.size()) == 0;
  ::close(fd);
  return has;
}

}  // namespace tollgate::io
