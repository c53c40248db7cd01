// Notices that something below some folders has changed (inotify). One thread.
#pragma once

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "api/base/result.h"

namespace tollgate::cli {

// Why a folder is not watched, and the remedy. `error` as in errno.
std::string WhyUnwatched(const std::string& folder, int error);

class FolderWatch {
 public:
  static Result<std::unique_ptr<FolderWatch>> Open();
  ~FolderWatch();

  // Watches exactly these folders from now on. One that cannot be watched is told to the log, once while that
  // lasts: edits in it are not noticed.
  void Watch(const std::vector<std::string>& folders);

  // Waits for a change, then until nothing has changed for `quiet`: an editor and `cp -r` write in many
  // steps. False when `wake_fd` became readable first.
  bool AwaitChange(int wake_fd, std::chrono::milliseconds quiet);

 private:
  explicit FolderWatch(int fd) : fd_(fd) {}
  void Empty();

  const int fd_;
  std::vector<int> watches_;
  std::set<std::string> unwatched_;
};

}  // namespace tollgate::cli
