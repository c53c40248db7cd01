#include "proxy/store/admission_ring.h"

#include <algorithm>

namespace tollgate::store {

void AdmissionRing::Prepare(const RateTerms& terms, WallMicros now) {
  for (uint32_t n = 1; n <= count_ && Ago(n) > now; ++n) times_[(next_ - n) & (capacity_ - 1)] = now;
  if (count_ > 0 && now >= WholeAt()) {
    count_ = 0;
    most_requests_ = 0;
    longest_per_us_ = 0;
  }
  most_requests_ = std::max(most_requests_, static_cast<uint32_t>(terms.requests));
  longest_per_us_ = std::max(longest_per_us_, terms.per_us);
}

// Older, not as old: times are cut to microseconds, so two that seem `per` apart may be less.
bool AdmissionRing::Admits(const RateTerms& terms, WallMicros now) const {
  if (count_ < terms.requests) return true;
  return terms.requests > 0 && now - Ago(terms.requests) > terms.per_us;
}

void AdmissionRing::Take(WallMicros now, BlockPool& pool) {
  const bool full = count_ == capacity_;
  // The oldest may go when no terms look back to it, whether by count or by time.
  const bool oldest_counts =
      full && capacity_ < most_requests_ && (capacity_ == 0 || now - Ago(count_) <= longest_per_us_);
  if (oldest_counts) Grow(pool);
  times_[next_] = now;
  next_ = (next_ + 1) & (capacity_ - 1);
  if (count_ < capacity_) ++count_;
}

void AdmissionRing::Grow(BlockPool& pool) {
  const uint32_t capacity = capacity_ == 0 ? kFirstCapacity : capacity_ * 2;
  auto* const times = static_cast<int64_t*>(pool.Take(capacity * sizeof(int64_t)));
  for (uint32_t i = 0; i < count_; ++i) times[i] = Ago(count_ - i);
  if (times_ != nullptr) pool.Return(times_, capacity_ * sizeof(int64_t));
  times_ = times;
  capacity_ = capacity;
  next_ = count_;
}

uint64_t AdmissionRing::CountWithin(const RateTerms& terms, WallMicros now) const {
  uint64_t within = 0;
  uint64_t beyond = std::min<uint64_t>(count_, terms.requests) + 1;
  while (beyond - within > 1) {
    const uint64_t middle = (within + beyond) / 2;
    (now - Ago(middle) <= terms.per_us ? within : beyond) = middle;
  }
  return within;
}

RateState AdmissionRing::StateAt(const RateTerms& terms, WallMicros now) const {
  if (terms.requests == 0) return {0, terms.per_us, terms.per_us};
  const uint64_t within = CountWithin(terms, now);
  if (within == 0) return {terms.requests, 0, 0};
  const int64_t retry = within < terms.requests ? 0 : Ago(within) + terms.per_us + 1 - now;
  return {terms.requests - within, Ago(1) + terms.per_us + 1 - now, retry};
}

void AdmissionRing::Free(BlockPool& pool) {
  if (times_ != nullptr) pool.Return(times_, capacity_ * sizeof(int64_t));
  *this = AdmissionRing();
}

}  // namespace tollgate::store
