// What two processes say to one another while the one takes the other's listeners over: packets on a Unix
// socket (SOCK_SEQPACKET), each a line of text, some with a listener as SCM_RIGHTS. Nothing else passes: no
// configuration, no key, no certificate.
//
//   successor                             predecessor
//   takeover 1                        ->
//                                     <-  listener ROLE INDEX ADDRESS   with its socket; one packet each
//                                     <-  listeners COUNT               that was all
//   ready                             ->  drains from now on
//                                     <-  refused SENTENCE              in place of any answer
//
// Who ends before "ready" has changed nothing. Any thread.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "proxy/io/descriptor.h"

namespace tollgate::takeover {

// Of the conversation above. Another one is refused, so that neither end guesses.
inline constexpr std::string_view kAsk = "takeover 1";
inline constexpr std::string_view kListener = "listener ";
inline constexpr std::string_view kCount = "listeners ";
inline constexpr std::string_view kReady = "ready";
inline constexpr std::string_view kRefused = "refused ";

struct Packet {
  std::string text;
  io::Descriptor socket;  // where one came with it
};

// Neither waits for longer than a few seconds: both ends answer at once, or are no processes of ours.
bool SendPacket(int to, std::string_view text, int socket = -1);
// Nothing: the other end is gone, or silent.
std::optional<Packet> ReceivePacket(int from);

// Who is at the other end of a Unix socket.
struct Peer {
  pid_t process = 0;
  uid_t user = 0;
};
Peer PeerOf(int connected);

}  // namespace tollgate::takeover
