// An API server's statuses in memory, with faults on demand. Any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "controller/publish/status_client.h"
#include "controller/publish/status_text.h"

namespace tollgate::publish {

class StatusServer final : public StatusClient {
 public:
  void Put(const ObjectKey& object) {
    const std::scoped_lock lock(mutex_);
    objects_[object] = "{}";
  }
  // The next writes are answered with these in turn; 0: no answer comes.
  void FailWrites(std::vector<int> answers) {
    const std::scoped_lock lock(mutex_);
    faults_.assign(answers.begin(), answers.end());
  }
  // While held, calls wait, until they are let go or given up.
  void Hold(bool held) {
    const std::scoped_lock lock(mutex_);
    held_ = held;
    changed_.notify_all();
  }

  int reads() const { return Locked(reads_); }
  int calls_waiting() const { return Locked(waiting_); }
  // The statuses written, in order.
  std::vector<std::pair<std::string, ObjectStatus>> Written() const { return Locked(written_); }
  size_t writes() const { return Written().size(); }

  Result<kube::Answer> Read(const ObjectKey& object, std::stop_token stop) override {
    std::unique_lock lock(mutex_);
    ++reads_;
    if (!Wait(lock, stop)) return Fault{"stopped"};
    const auto found = objects_.find(object);
    return found == objects_.end() ? kube::Answer{404, ""} : kube::Answer{200, found->second};
  }

  Result<kube::Answer> ApplyStatus(const ObjectKey& object, std::string document,
                                   std::stop_token stop) override {
    std::unique_lock lock(mutex_);
    if (!Wait(lock, stop)) return Fault{"stopped"};
    if (!faults_.empty()) {
      const int answer = faults_.front();
      faults_.pop_front();
      if (answer == 0) return Fault{"the API server does not answer"};
      return kube::Answer{answer, R"({"message":"not now"})"};
    }
    if (!objects_.contains(object)) return kube::Answer{404, ""};
    written_.emplace_back(object.name.name, *ReadStatus(document));
    objects_[object] = std::move(document);
    return kube::Answer{200, "{}"};
  }

 private:
  template <class T>
  T Locked(const T& value) const {
    const std::scoped_lock lock(mutex_);
    return value;
  }
  bool Wait(std::unique_lock<std::mutex>& lock, std::stop_token stop) {
    ++waiting_;
    changed_.wait(lock, std::move(stop), [this] { return !held_; });
    --waiting_;
    return !held_;
  }

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<ObjectKey, std::string> objects_;
  std::deque<int> faults_;
  bool held_ = false;
  int reads_ = 0;
  int waiting_ = 0;
  std::vector<std::pair<std::string, ObjectStatus>> written_;
};

}  // namespace tollgate::publish
