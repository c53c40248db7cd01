// What other threads want a thread to do: it takes one task after another. Shared by pointer, so that whoever
// posts late finds it still there. Any thread may post, one takes.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>

#include "api/base/clock.h"

namespace tollgate::snapshot {

class Mailbox {
 public:
  using Task = std::function<void()>;

  void Post(Task task) {
    {
      const std::scoped_lock lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    posted_.notify_one();
  }

  // The next task; an empty one where none came until then.
  Task Take(SteadyTime until) {
    std::unique_lock lock(mutex_);
    if (!posted_.wait_until(lock, until, [this] { return !tasks_.empty(); })) return {};
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    return task;
  }

 private:
  std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<Task> tasks_;  // guarded by mutex_
};

}  // namespace tollgate::snapshot
