#include "proxy/snapshot/journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "proxy/snapshot/journal_format.h"

namespace tollgate::snapshot {
namespace {

// Above what a proxy accepts (AssemblyBounds): what is larger was not written by one.
constexpr off_t kMostBytes = off_t{512} << 20;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  bool ok() const { return fd_ >= 0; }
  int get() const { return fd_; }

 private:
  const int fd_;
};

bool WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

bool ReadAll(int fd, std::string& bytes) {
  size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got = ::read(fd, bytes.data() + have, bytes.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) break;  // shorter than it was a moment ago: the checksum will say so
    have += static_cast<size_t>(got);
  }
  bytes.resize(have);
  return true;
}

Fault Unwritable(const std::string& path, int error) {
  return Fault{"cannot write the state file \"" + path + "\": " + std::strerror(error) +
               "; give a --state-dir on a disk with room that this process may write"};
}

// The state itself may be good: a wrong owner, a disk that fails, no more descriptors.
Fault Unreadable(const std::string& path, int error) {
  return Fault{"cannot read the state file \"" + path + "\": " + std::strerror(error) +
               "; it is left as it is: let this process read it and start it again, or a controller brings a "
               "new one"};
}

// What a rename needs to survive a crash of the machine.
bool SyncFolder(const std::string& folder) {
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return opened.ok() && ::fsync(opened.get()) == 0;
}

}  // namespace

Journal::Journal(std::string folder) : folder_(std::move(folder)), path_(folder_ + "/snapshot.journal") {}

Result<Journal> Journal::Open(const std::string& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return Fault{"cannot make the state folder \"" + folder + "\": " + std::strerror(errno) +
                 "; give a --state-dir whose parent exists and can be written"};
  }
  if (::access(folder.c_str(), R_OK | W_OK | X_OK) != 0) {
    return Fault{"cannot use the state folder \"" + folder + "\": " + std::strerror(errno) +
                 "; give a --state-dir that this process may read and write"};
  }
  return Journal(folder);
}

Result<std::optional<api::Snapshot>> Journal::Load() const {
  const Descriptor file(::open(path_.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.ok() && errno == ENOENT) return std::optional<api::Snapshot>();
  struct stat status {};
  if (!file.ok() || ::fstat(file.get(), &status) != 0) return Unreadable(path_, errno);
  if (!S_ISREG(status.st_mode) || status.st_size > kMostBytes) {
    return SetAside(Fault{"it is no file that a proxy wrote"});
  }
  std::string bytes(static_cast<size_t>(status.st_size), '\0');
  if (!ReadAll(file.get(), bytes)) return Unreadable(path_, errno);
  Result<api::Snapshot> snapshot = DecodeJournal(bytes);
  if (!snapshot.ok()) return SetAside(snapshot.error());
  return std::optional(*std::move(snapshot));
}

Fault Journal::SetAside(const Fault& why) const {
  const std::string aside = path_ + ".corrupt";
  const bool moved = std::rename(path_.c_str(), aside.c_str()) == 0;
  return Fault{"the state file \"" + path_ + "\" is not served: " + why.message +
               (moved ? "; it is kept as \"" + aside + "\", and a controller brings a new one"
                      : "; remove it, and a controller brings a new one")};
}

Status<> Journal::Write(const api::Snapshot& snapshot) const {
  // A process that takes over from another one has the same folder, and both write under the same name.
  const Descriptor folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.ok() || ::flock(folder.get(), LOCK_EX) != 0) return Unwritable(path_, errno);
  const std::string partial = path_ + ".partial";
  // One left over from a crash could have another mode.
  ::unlink(partial.c_str());
  {
    const Descriptor file(
        ::open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file.ok() || !WriteAll(file.get(), EncodeJournal(snapshot)) || ::fsync(file.get()) != 0) {
      const int error = errno;
      ::unlink(partial.c_str());
      return Unwritable(partial, error);
    }
  }
  if (std::rename(partial.c_str(), path_.c_str()) != 0 || !SyncFolder(folder_)) {
    return Unwritable(path_, errno);
  }
  return Done{};
}

}  // namespace tollgate::snapshot
