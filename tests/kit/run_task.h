// Runs a task that has nothing to wait for, or whose waits the test ends itself. One thread.
#pragma once

#include <optional>
#include <utility>

#include "proxy/io/task.h"

namespace tollgate::kit {

// A task that was started: what it came to, once it has.
template <class T>
class Started {
 public:
  explicit Started(io::Task<T> task) { io::Detach(Await(std::move(task), *this)); }
  Started(const Started&) = delete;
  Started& operator=(const Started&) = delete;

  bool done() const { return value_.has_value(); }
  const T& value() const { return *value_; }

 private:
  static io::Task<void> Await(io::Task<T> task, Started& into) { into.value_.emplace(co_await task); }

  std::optional<T> value_;
};

// The value of a task that ends without a wait; dies where it does not.
template <class T>
T RunNow(io::Task<T> task) {
  Started<T> started(std::move(task));
  return std::move(const_cast<T&>(started.value()));
}

}  // namespace tollgate::kit
