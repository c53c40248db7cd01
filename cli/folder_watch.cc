#include "cli/folder_watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "api/base/log.h"

namespace tollgate::cli {
namespace {

constexpr uint32_t kChanges = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
                              IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB;

}  // namespace

std::string WhyUnwatched(const std::string& folder, int error) {
  // What ENOSPC stands for here (inotify_add_watch(2)) is nothing that its text would tell.
  const std::string why = error == ENOSPC ? "this user may watch no more folders" : std::strerror(error);
  const std::string remedy = error == ENOSPC ? "raise fs.inotify.max_user_watches (sysctl) and start anew"
                                             : "check its name and permissions and start anew";
  return folder + ": cannot be watched, so edits in it are not noticed: " + why + "; " + remedy;
}

Result<std::unique_ptr<FolderWatch>> FolderWatch::Open() {
  const int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fd < 0) {
    return Fault{std::string("cannot watch for changes: ") + std::strerror(errno) +
                 "; raise fs.inotify.max_user_instances"};
  }
  return std::unique_ptr<FolderWatch>(new FolderWatch(fd));
}

FolderWatch::~FolderWatch() { ::close(fd_); }

void FolderWatch::Watch(const std::vector<std::string>& folders) {
  for (const int watch : watches_) inotify_rm_watch(fd_, watch);
  watches_.clear();
  Empty();
  std::set<std::string> unwatched;
  for (const std::string& folder : folders) {
    const int watch = inotify_add_watch(fd_, folder.c_str(), kChanges);
    const int error = errno;
    if (watch >= 0) {
      watches_.push_back(watch);
      continue;
    }
    // One that is gone since it was listed changed what lies above it, which is noticed.
    if (error == ENOENT) continue;
    unwatched.insert(folder);
    if (!unwatched_.contains(folder)) log::Error(WhyUnwatched(folder, error));
  }
  unwatched_ = std::move(unwatched);
}

void FolderWatch::Empty() {
  char events[4096];
  while (::read(fd_, events, sizeof events) > 0) {
  }
}

bool FolderWatch::AwaitChange(int wake_fd, std::chrono::milliseconds quiet) {
  bool changed = false;
  while (true) {
    pollfd waits[2] = {{wake_fd, POLLIN, 0}, {fd_, POLLIN, 0}};
    const int ready = ::poll(waits, 2, changed ? static_cast<int>(quiet.count()) : -1);
    if (ready < 0 && errno == EINTR) continue;
    if (waits[0].revents != 0) return false;
    if (ready == 0) return true;
    Empty();
    changed = true;
  }
}

}  // namespace tollgate::cli
