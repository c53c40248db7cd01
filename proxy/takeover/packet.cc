#include "proxy/takeover/packet.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace tollgate::takeover {
namespace {

constexpr int kWaitMilliseconds = 5'000;
constexpr size_t kMostBytes = 1'024;

bool Await(int socket, int16_t event) {
  pollfd wait{socket, event, 0};
  int ready;
  do {
    ready = ::poll(&wait, 1, kWaitMilliseconds);
  } while (ready < 0 && errno == EINTR);
  return ready == 1;
}

// The room of one descriptor in a message, aligned as the kernel wants it.
struct Rights {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> bytes{};
};

}  // namespace

bool SendPacket(int to, std::string_view text, int socket) {
  iovec piece{const_cast<char*>(text.data()), text.size()};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  Rights rights;
  if (socket >= 0) {
    message.msg_control = rights.bytes.data();
    message.msg_controllen = rights.bytes.size();
    cmsghdr* const head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof socket);
    std::memcpy(CMSG_DATA(head), &socket, sizeof socket);
  }
  return Await(to, POLLOUT) &&
         ::sendmsg(to, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == static_cast<ssize_t>(text.size());
}

std::optional<Packet> ReceivePacket(int from) {
  std::array<char, kMostBytes> text;
  iovec piece{text.data(), text.size()};
  Rights rights;
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = rights.bytes.data();
  message.msg_controllen = CMSG_LEN(sizeof(int));  // the room that alignment adds would let in a second one
  if (!Await(from, POLLIN)) return std::nullopt;
  const ssize_t bytes = ::recvmsg(from, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (bytes <= 0) return std::nullopt;
  Packet packet{{text.data(), static_cast<size_t>(bytes)}, {}};
  const cmsghdr* const head = CMSG_FIRSTHDR(&message);
  if (head != nullptr && head->cmsg_type == SCM_RIGHTS) {
    int socket;
    std::memcpy(&socket, CMSG_DATA(head), sizeof socket);
    packet.socket = io::Descriptor(socket);
  }
  return packet;
}

Peer PeerOf(int connected) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  ::getsockopt(connected, SOL_SOCKET, SO_PEERCRED, &credentials, &size);
  return {credentials.pid, credentials.uid};
}

}  // namespace tollgate::takeover
