// The Unix sockets at which a process can be asked for its listeners, or by its operators: who answers there,
// and how the next one takes its place. One thread at a time.
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <string>

#include "api/base/result.h"
#include "proxy/io/descriptor.h"

namespace tollgate::takeover {

struct SocketKind {
  int type;
  const char* name;  // for sentences
};
inline constexpr SocketKind kTakeoverSocket{SOCK_SEQPACKET, "takeover"};
inline constexpr SocketKind kAdminSocket{SOCK_STREAM, "admin"};

// A connection to who listens at `path`; one that is not ok() where nobody does: there is no such file, or
// its process has ended.
Result<io::Descriptor> ConnectTo(const std::string& path, const SocketKind& kind = kTakeoverSocket);

// Mode 0600. Prepared under a name of its own, so that what stands in the way is known early and the one
// before is found until this one takes its place.
class SocketPath {
 public:
  static Result<SocketPath> Prepare(const std::string& path, const SocketKind& kind = kTakeoverSocket);
  SocketPath(SocketPath&& other) noexcept = default;
  SocketPath& operator=(SocketPath&& other) noexcept = default;
  ~SocketPath();

  // From now on who asks at the path finds this process.
  Status<> Open();
  int socket() const { return socket_.get(); }

 private:
  SocketPath(const SocketKind& kind, std::string path, std::string prepared, io::Descriptor socket)
      : kind_(&kind), path_(std::move(path)), prepared_(std::move(prepared)), socket_(std::move(socket)) {}

  const SocketKind* kind_;
  std::string path_;
  std::string prepared_;  // empty: it stands at path_
  io::Descriptor socket_;
  dev_t device_ = 0;  // of the file at path_ that is this one's
  ino_t file_ = 0;
};

}  // namespace tollgate::takeover
