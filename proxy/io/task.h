// Task<T>: a coroutine that begins when it is awaited and hands its value to whoever awaited it. Detach()
// starts one that nobody awaits: a connection's life.
//
// Why not boost::asio::awaitable: a stage that awaits needs only this header (no Asio in it), an await costs
// a few instructions instead of a pass through the scheduler, and the reactor below can be exchanged without
// touching a stage. One thread: a task runs on the loop it was started on, from its first line to its last.
//
// g++ 12 destroys some temporaries inside a co_await expression twice: name what is not trivial first. What a
// function returns by reference (`*pointer` of a smart pointer, too) it copies, and then waits for the copy:
// what can be awaited and is no temporary must not be copyable.
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <optional>
#include <utility>

#include "api/base/check.h"

namespace tollgate::io {

// Coroutine frames come from per-thread free lists by size class: a request in steady state allocates none.
void* AllocateFrame(size_t size);
void FreeFrame(void* frame, size_t size);

template <class T>
class Task;

namespace internal {

struct PromiseCore {
  std::coroutine_handle<> continuation = std::noop_coroutine();

  static void* operator new(size_t size) { return AllocateFrame(size); }
  static void operator delete(void* frame, size_t size) { FreeFrame(frame, size); }

  struct Finish {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) const noexcept {
      return done.promise().continuation;
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  Finish final_suspend() const noexcept { return {}; }
  // The data path does not throw: what arrives here is a bug or the end of memory.
  [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
};

template <class T>
struct Promise : PromiseCore {
  std::optional<T> value;
  Task<T> get_return_object();
  void return_value(T v) { value.emplace(std::move(v)); }
  T Take() { return std::move(*value); }
};

template <>
struct Promise<void> : PromiseCore {
  Task<void> get_return_object();
  void return_void() const noexcept {}
  void Take() const noexcept {}
};

}  // namespace internal

template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = internal::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
    handle_.promise().continuation = awaiting;
    return handle_;
  }
  T await_resume() { return handle_.promise().Take(); }

 private:
  Handle handle_;
};

namespace internal {

template <class T>
Task<T> Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

// A coroutine that frees itself at its end.
struct Detached {
  struct promise_type {
    static void* operator new(size_t size) { return AllocateFrame(size); }
    static void operator delete(void* frame, size_t size) { FreeFrame(frame, size); }
    Detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
};

inline Detached RunDetached(Task<void> task) { co_await task; }

}  // namespace internal

// Runs a task at once, up to its first wait, and lets it live on by itself.
inline void Detach(Task<void> task) { internal::RunDetached(std::move(task)); }

// Something that one coroutine waits for and another one on the same thread announces, once.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  void Set() {
    if (std::exchange(set_, true)) return;
    if (waiter_) std::exchange(waiter_, nullptr).resume();
  }
  bool is_set() const { return set_; }

  bool await_ready() const noexcept { return set_; }
  void await_suspend(std::coroutine_handle<> waiter) noexcept {
    TOLLGATE_CHECK(!waiter_);
    waiter_ = waiter;
  }
  void await_resume() const noexcept {}

 private:
  bool set_ = false;
  std::coroutine_handle<> waiter_;
};

}  // namespace tollgate::io
