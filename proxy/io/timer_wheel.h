// Deadlines by the thousand at the cost of a list insertion each: a hashed timing wheel (Varghese and Lauck,
// 1987, scheme 6). One thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "api/base/clock.h"

namespace tollgate::io {

// A place in the wheel, kept inside the thing that has the deadline. Leaves the wheel when destroyed.
class Timer {
 public:
  virtual void OnTimer() = 0;

  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  bool armed() const { return next_ != nullptr; }
  void Cancel();

 protected:
  virtual ~Timer() { Cancel(); }

 private:
  friend class TimerWheel;
  Timer* next_ = nullptr;
  Timer* previous_ = nullptr;
  uint64_t due_step_ = 0;
  size_t* count_ = nullptr;  // of the wheel that it stands in
};

class TimerWheel {
 public:
  // How often a loop turns the wheel. Coarse, since what waits here is measured in hundreds of milliseconds.
  static constexpr std::chrono::milliseconds kTick{8};
  // What its places are apart, and how often it is turned while somebody waits for a moment
  // (Loop::ArmPromptly).
  static constexpr std::chrono::milliseconds kStep{2};

  explicit TimerWheel(SteadyTime now) : start_(now) {
    for (Slot& slot : slots_) slot.next_ = slot.previous_ = &slot;
  }
  ~TimerWheel();

  // Never before `when`, at most a step and what lies between two turns after it. Moves a timer that is armed
  // already.
  void Arm(Timer& timer, SteadyTime when);

  // Fires what is due. A timer may be armed again, or destroyed, from within OnTimer.
  void Advance(SteadyTime now);

  // Fires everything, due or not.
  void FireAll();

  bool empty() const { return count_ == 0; }

 private:
  struct Slot final : Timer {
    void OnTimer() override {}
  };
  static constexpr size_t kSlots = 4096;  // one round is 8 s; longer deadlines are passed over once a round

  uint64_t StepOf(SteadyTime when) const;
  void FireSlot(Slot& slot, uint64_t step);

  const SteadyTime start_;
  uint64_t step_ = 0;
  size_t count_ = 0;
  std::array<Slot, kSlots> slots_;
};

}  // namespace tollgate::io
