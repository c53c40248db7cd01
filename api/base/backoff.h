// How long to wait before the next try: twice as long each time up to a cap, with jitter, so that a thousand
// clients that lost the same server do not come back in step. One thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <random>
#include <utility>

namespace tollgate {

// Yields numbers in [0, 1). Tests pass their own.
using RandomSource = std::function<double()>;

inline double UniformRandom() {
  thread_local std::mt19937_64 engine{std::random_device{}()};
  return std::uniform_real_distribution<double>{}(engine);
}

class Backoff {
 public:
  using Milliseconds = std::chrono::milliseconds;

  Backoff(Milliseconds first, Milliseconds longest, RandomSource random = UniformRandom)
      : first_(first), longest_(longest), next_(first), random_(std::move(random)) {}

  // Between half and all of the present step; the step then doubles. Half of it is certain, so that bad luck
  // cannot make a busy loop.
  Milliseconds Next() {
    const Milliseconds step = std::min(next_, longest_);
    next_ = std::min(next_ * 2, longest_);
    return std::chrono::duration_cast<Milliseconds>(step * (0.5 + random_() / 2));
  }

  // The other side is well again.
  void Reset() { next_ = first_; }

 private:
  const Milliseconds first_;
  const Milliseconds longest_;
  Milliseconds next_;
  const RandomSource random_;
};

}  // namespace tollgate
