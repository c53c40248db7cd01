#include "proxy/takeover/successor.h"

#include <poll.h>

#include "proxy/takeover/packet.h"
#include "proxy/takeover/socket_path.h"

namespace tollgate::takeover {
namespace {

constexpr char kRemedy[] = "; stop it before this one starts, or start this one again";

}  // namespace

Result<Successor> Successor::Ask(const std::string& path, uid_t user) {
  Result<io::Descriptor> connected = ConnectTo(path);
  if (!connected) return connected.error();
  Successor successor;
  if (!connected->ok()) return successor;
  successor.predecessor_ = *std::move(connected);
  const Peer peer = PeerOf(successor.predecessor_.get());
  successor.process_ = peer.process;
  if (peer.user != user) {
    return Fault{"the process at the takeover socket \"" + path + "\" is user " + std::to_string(peer.user) +
                 "'s and this one user " + std::to_string(user) +
                 "'s; start both as the same user, or give another path"};
  }
  if (const Status<> received = successor.ReceiveListeners(); !received) {
    return Fault{"cannot take over from process " + std::to_string(peer.process) +
                 " at the takeover socket \"" + path + "\": " + received.error().message + kRemedy};
  }
  return successor;
}

Status<> Successor::ReceiveListeners() {
  SendPacket(predecessor_.get(), kAsk);  // where it fails nothing comes, either
  while (true) {
    std::optional<Packet> packet = ReceivePacket(predecessor_.get());
    if (!packet) return Fault{"it ended, or says nothing"};
    const std::string_view text = packet->text;
    if (text.starts_with(kRefused)) return Fault{std::string(text.substr(kRefused.size()))};
    if (text == std::string(kCount) + std::to_string(inheritance_.size())) return Done{};
    if (!text.starts_with(kListener)) return Fault{"it says \"" + packet->text + "\", which is unknown here"};
    Result<Listener> listener = ReadListener(text.substr(kListener.size()), std::move(packet->socket));
    if (!listener) return listener.error();
    inheritance_.Add(*std::move(listener));
  }
}

// It says nothing more: what can be read is the end.
bool Successor::predecessor_gone() const {
  pollfd look{predecessor_.get(), POLLIN, 0};
  return ::poll(&look, 1, 0) == 1;
}

bool Successor::SayReady() { return SendPacket(predecessor_.get(), kReady); }

}  // namespace tollgate::takeover
