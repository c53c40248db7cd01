// Notices that something below some folders has changed (inotify). One thread.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "api/base/result.h"

namespace tollgate::cli {

class FolderWatch {
 public:
  static Result<std::unique_ptr<FolderWatch>> Open();
  ~FolderWatch();

  // Watches exactly these folders from now on.
  void Watch(const std::vector<std::string>& folders);

  // Waits for a change, then until nothing has changed for `quiet`: an editor and `cp -r` write in many
  // steps. False when `wake_fd` became readable first.
  bool AwaitChange(int wake_fd, std::chrono::milliseconds quiet);

 private:
  explicit FolderWatch(int fd) : fd_(fd) {}
  void Empty();

  const int fd_;
  std::vector<int> watches_;
};

}  // namespace tollgate::cli
