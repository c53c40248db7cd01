#include "proxy/store/admission_ring.h"

#include <algorithm>

namespace tollgate::store {

uint64_t AdmissionRing::Read(const RateTerms& terms, WallMicros now) {
  if (newest_us_ > now) RewriteAhead(now);
  if (now >= WholeAt()) Clear();
  const auto requests = static_cast<uint32_t>(terms.requests);
  most_requests_ = std::max(most_requests_, requests);
  longest_per_us_ = std::max(longest_per_us_, terms.per_us);
  // Older, not as old, is out: times are cut to microseconds, so two that seem `per` apart may be less. Each
  // admission is passed by once on its way in and once on its way out.
  const uint32_t most = std::min(count_, requests);
  uint32_t within = std::min(last_read_, most);
  while (within > 0 && now - Ago(within) > terms.per_us) --within;
  while (within < most && now - Ago(within + 1) <= terms.per_us) ++within;
  return last_read_ = within;
}

void AdmissionRing::Take(WallMicros now, BlockPool& pool) {
  // The oldest may go when no terms look back to it, whether by count or by time.
  const bool full = count_ == capacity_;
  if (full && capacity_ < most_requests_ && (capacity_ == 0 || now - Ago(count_) <= longest_per_us_))
    Grow(pool);
  times_[next_] = now;
  newest_us_ = now;
  next_ = (next_ + 1) & (capacity_ - 1);
  if (count_ < capacity_) ++count_;
  ++last_read_;
}

RateState AdmissionRing::StateAt(const RateTerms& terms, WallMicros now, uint64_t count) const {
  if (terms.requests == 0) return {0, terms.per_us, terms.per_us};
  if (count == 0) return {terms.requests, 0, 0};
  const int64_t reset = newest_us_ + terms.per_us + 1 - now;
  if (count < terms.requests) return {terms.requests - count, reset, 0};
  return {0, reset, Ago(count) + terms.per_us + 1 - now};
}

void AdmissionRing::RewriteAhead(WallMicros now) {
  for (uint32_t n = 1; n <= count_ && Ago(n) > now; ++n) times_[(next_ - n) & (capacity_ - 1)] = now;
  newest_us_ = now;
}

void AdmissionRing::Clear() {
  count_ = 0;
  last_read_ = 0;
  most_requests_ = 0;
  longest_per_us_ = 0;
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

void AdmissionRing::Free(BlockPool& pool) {
  if (times_ != nullptr) pool.Return(times_, capacity_ * sizeof(int64_t));
  *this = AdmissionRing();
}

}  // namespace tollgate::store
