#include "proxy/takeover/predecessor.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "api/base/log.h"
#include "proxy/takeover/packet.h"

namespace tollgate::takeover {
namespace {

void Refuse(int successor, const std::string& why) {
  log::Warning("a process that asked for this one's listeners was refused", {{"why", why}});
  SendPacket(successor, std::string(kRefused) + why);
}

}  // namespace

Predecessor::Predecessor(SocketPath at, std::vector<Listener> listeners, std::atomic<bool>& handed_over,
                         uid_t user)
    : at_(std::move(at)),
      listeners_(std::move(listeners)),
      user_(user),
      end_(::eventfd(0, EFD_CLOEXEC)),
      handed_over_signal_(::eventfd(0, EFD_CLOEXEC)),
      handed_over_(handed_over) {
  StartThread();
}

Predecessor::~Predecessor() { EndThread(); }

void Predecessor::StartThread() {
  thread_ = std::thread([this] { Serve(); });
}

void Predecessor::EndThread() {
  ::eventfd_write(end_.get(), 1);
  thread_.join();
  eventfd_t unused;
  ::eventfd_read(end_.get(), &unused);
}

void Predecessor::Withdraw() {
  EndThread();
  // Whoever had not said that it is ready has lost nothing: it has the sockets.
  successor_.Close();
  listeners_.clear();
  if (!handed_over_.load()) refusal_ = "it is about to end";
  StartThread();
}

void Predecessor::Serve() {
  while (true) {
    // A descriptor below 0 is passed over.
    std::array<pollfd, 3> waits{
        {{end_.get(), POLLIN, 0}, {successor_.get(), POLLIN, 0}, {at_.socket(), POLLIN, 0}}};
    if (::poll(waits.data(), waits.size(), -1) <= 0) continue;
    if (waits[1].revents != 0) HearSuccessor();
    if (waits[0].revents != 0) return;
    if (waits[2].revents != 0) Admit();
  }
}

void Predecessor::Admit() {
  io::Descriptor asking(::accept4(at_.socket(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!asking.ok()) return;
  // Heard out before it is refused: what is closed with something unread loses what was said last, too.
  const std::optional<Packet> asked = ReceivePacket(asking.get());
  if (!asked) return;
  const Peer peer = PeerOf(asking.get());
  if (peer.user != user_) {
    return Refuse(asking.get(), "it is user " + std::to_string(peer.user) + "'s, and this one is user " +
                                    std::to_string(user_) + "'s");
  }
  if (!refusal_.empty()) return Refuse(asking.get(), refusal_);
  if (asked->text != kAsk) {
    return Refuse(asking.get(), "it asks \"" + asked->text + "\", this one understands \"" +
                                    std::string(kAsk) + "\": it is of another release");
  }
  if (!Offer(asking.get())) return;
  successor_ = std::move(asking);
  refusal_ = "process " + std::to_string(peer.process) + " takes over from it";
}

bool Predecessor::Offer(int successor) const {
  const bool sent = std::all_of(listeners_.begin(), listeners_.end(), [successor](const Listener& listener) {
    return SendPacket(successor, std::string(kListener) + TextOf(listener), listener.socket.get());
  });
  return sent && SendPacket(successor, std::string(kCount) + std::to_string(listeners_.size()));
}

void Predecessor::HearSuccessor() {
  const std::optional<Packet> packet = ReceivePacket(successor_.get());
  successor_.Close();
  if (!packet || packet->text != kReady) {
    refusal_.clear();
    return log::Warning("a process that was taking over ended before it was ready; this one serves on");
  }
  listeners_.clear();
  handed_over_.store(true);
  ::eventfd_write(handed_over_signal_.get(), 1);
}

}  // namespace tollgate::takeover
