// Calls a function on a thread of its own after it was rung; several rings before it gets to it are one call.
// For callers that hold locks or must not wait. Any thread may ring.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace tollgate::publish {

class ChangeBell {
 public:
  // An empty function is never called.
  explicit ChangeBell(std::function<void()> on_ring);
  // Waits for a call under way; none follows. Not from within the call.
  ~ChangeBell();

  void Ring();

 private:
  void Run();

  const std::function<void()> on_ring_;
  std::mutex mutex_;
  std::condition_variable rung_or_over_;
  bool rung_ = false;  // guarded by mutex_
  bool over_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace tollgate::publish
