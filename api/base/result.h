// Result<T, E>: a value or the reason why there is none. The project's way to report failure; nothing
// on the data path throws. Any thread; no state of its own.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "api/base/check.h"

namespace tollgate {

// Why something could not be done, for a person: one sentence that names the thing, the reason and,
// where there is one, the remedy. Never contains a secret.
struct Fault {
  std::string message;
};

template <class T, class E = Fault>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(runtime/explicit)
  Result(E error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(runtime/explicit)

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // Asking for the side that is not there is a programming error.
  T& value() & {
    TOLLGATE_CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    TOLLGATE_CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  E& error() & {
    TOLLGATE_CHECK(!ok());
    return *std::get_if<1>(&state_);
  }
  const E& error() const& {
    TOLLGATE_CHECK(!ok());
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, E> state_;
};

// What a Result carries where success has nothing to say.
struct Done {};
template <class E = Fault>
using Status = Result<Done, E>;

}  // namespace tollgate
