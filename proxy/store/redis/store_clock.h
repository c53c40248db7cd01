// A store's clock as one core knows it: its last reply's time, and what has passed here since. One thread.
#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>

#include "api/base/clock.h"
#include "proxy/store/redis/codec.h"

namespace tollgate::store {

// What TIME was answered with; 0 where it is not that.
inline WallMicros ReadTime(const ReplyView& reply) {
  if (reply.size() != 2) return 0;
  WallMicros time = 0;
  for (const size_t part : {0, 1}) {  // seconds, then microseconds
    const std::string_view text = reply[part].text();
    WallMicros number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return 0;
    time = time * 1'000'000 + number;
  }
  return time;
}

class StoreClock {
 public:
  void Set(WallMicros store_time, SteadyTime now) {
    store_time_ = store_time;
    at_ = now;
  }
  // By the answer to what was sent at `sent`: the store told its time between then and now. What was known
  // stays where it agrees with that: an answer that was read late should not set the clock back.
  void Learn(WallMicros store_time, SteadyTime sent, SteadyTime now) {
    const WallMicros latest =
        store_time + std::chrono::duration_cast<std::chrono::microseconds>(now - sent).count();
    Set(known() ? std::clamp(At(now), store_time, latest) : store_time, now);
  }
  bool known() const { return store_time_ != 0; }
  WallMicros At(SteadyTime now) const {
    return store_time_ + std::chrono::duration_cast<std::chrono::microseconds>(now - at_).count();
  }

 private:
  WallMicros store_time_ = 0;
  SteadyTime at_{};
};

}  // namespace tollgate::store
