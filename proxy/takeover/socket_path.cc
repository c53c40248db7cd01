#include "proxy/takeover/socket_path.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "api/base/log.h"

namespace tollgate::takeover {
namespace {

// Of successors that wait to be heard.
constexpr int kQueue = 8;

std::string Named(const SocketKind& kind, const std::string& path) {
  return std::string("the ") + kind.name + " socket \"" + path + "\"";
}

struct Place {
  sockaddr_un address{};
  explicit Place(const std::string& path) {
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};

std::string NameBeforeOpening(const std::string& path) { return path + "." + std::to_string(::getpid()); }

Status<> CheckLength(const SocketKind& kind, const std::string& path) {
  constexpr size_t kMost = sizeof(sockaddr_un::sun_path) - 1;
  const size_t added = NameBeforeOpening(path).size() - path.size();
  if (path.size() + added <= kMost) return Done{};
  return Fault{Named(kind, path) + " cannot be made: its path has more than " +
               std::to_string(kMost - added) + " bytes; choose a shorter one"};
}

Result<io::Descriptor> NewSocket(const SocketKind& kind, const std::string& path) {
  io::Descriptor socket(::socket(AF_UNIX, kind.type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.ok()) return Fault{Named(kind, path) + " cannot be made: " + std::strerror(errno)};
  return socket;
}

}  // namespace

Result<io::Descriptor> ConnectTo(const std::string& path, const SocketKind& kind) {
  if (const Status<> fits = CheckLength(kind, path); !fits) return fits.error();
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 && errno == ENOENT) return io::Descriptor();
  if (!S_ISSOCK(status.st_mode)) {
    return Fault{Named(kind, path) + " is something else than a socket, or cannot be looked at; " +
                 "remove it or give another path"};
  }
  Result<io::Descriptor> socket = NewSocket(kind, path);
  if (!socket) return socket.error();
  const Place place(path);
  if (::connect(socket->get(), place.get(), sizeof place.address) == 0) return socket;
  if (errno == ECONNREFUSED || errno == ENOENT) {
    log::Info("nobody answers at " + Named(kind, path) + " any more; this process takes its place");
    return io::Descriptor();
  }
  if (errno == EPROTOTYPE) return Fault{Named(kind, path) + " is another program's; give another path"};
  return Fault{"cannot ask at " + Named(kind, path) + ": " + std::strerror(errno) +
               "; start this process as the user that the one there runs as"};
}

Result<SocketPath> SocketPath::Prepare(const std::string& path, const SocketKind& kind) {
  if (const Status<> fits = CheckLength(kind, path); !fits) return fits.error();
  Result<io::Descriptor> socket = NewSocket(kind, path);
  if (!socket) return socket.error();
  const std::string prepared = NameBeforeOpening(path);
  ::unlink(prepared.c_str());  // of a process that had this number before
  const Place place(prepared);
  // Before it has a name: at no moment may others connect.
  ::fchmod(socket->get(), 0600);
  if (::bind(socket->get(), place.get(), sizeof place.address) != 0) {
    return Fault{Named(kind, path) + " cannot be made: " + std::strerror(errno) +
                 "; choose a folder that exists and that this process may write"};
  }
  return SocketPath(kind, path, prepared, *std::move(socket));
}

Status<> SocketPath::Open() {
  struct stat status {};
  const bool opened = ::listen(socket_.get(), kQueue) == 0 && ::stat(prepared_.c_str(), &status) == 0 &&
                      std::rename(prepared_.c_str(), path_.c_str()) == 0;
  if (!opened) {
    return Fault{Named(*kind_, path_) + " cannot be opened: " + std::strerror(errno) +
                 "; nobody can ask this process there"};
  }
  prepared_.clear();
  device_ = status.st_dev;
  file_ = status.st_ino;
  return Done{};
}

SocketPath::~SocketPath() {
  if (!socket_.ok()) return;
  if (!prepared_.empty()) {
    ::unlink(prepared_.c_str());
    return;
  }
  // A successor's may stand there by now.
  struct stat status {};
  const bool mine =
      ::lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == file_;
  if (mine) ::unlink(path_.c_str());
}

}  // namespace tollgate::takeover
