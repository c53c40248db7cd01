// A limit store as the rules meet it: one question at a time, at a moment that the test says. The rules in
// this folder (*_rules.cc) run against every implementation, through the factory that it gives.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <climits>
#include <memory>
#include <vector>

#include "proxy/store/limit_store.h"

namespace tollgate::store {

class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual void SetTime(WallMicros now) = 0;
  virtual LimitReply Decide(const LimitRequest& request) = 0;
  // How many questions a rule may ask to try something at length: fewer where each is a round trip.
  virtual int patience() const { return INT_MAX; }
};

using StoreFactory = std::unique_ptr<StoreUnderTest> (*)();

// A Wednesday: 2026-11-18T12:00:00.123457Z.
inline constexpr WallMicros kNoon = 1'795'003'200'123'457;
inline constexpr int64_t kSecond = 1'000'000;
inline constexpr int64_t kHour = 3600 * kSecond;

class LimitStoreRules : public testing::TestWithParam<StoreFactory> {
 protected:
  LimitReply Ask(const LimitRequest& request, WallMicros now) {
    store_->SetTime(now);
    return store_->Decide(request);
  }
  int AtMost(int questions) const { return std::min(questions, store_->patience()); }
  bool Admits(const LimitRequest& request, WallMicros now) {
    return Ask(request, now).verdict == LimitVerdict::kAdmitted;
  }

 private:
  std::unique_ptr<StoreUnderTest> store_ = GetParam()();
};

// A request of one consumer, put together limit by limit.
class RequestBuilder {
 public:
  explicit RequestBuilder(uint64_t consumer = 1) {
    request_.keys = {Key128{1, consumer}, Key128{2, 1}, Key128{3, 1}, Key128{4, 1}};
  }
  RequestBuilder& Key(KeyGroup group, Key128 key) {
    request_.keys[static_cast<size_t>(group)] = key;
    return *this;
  }
  RequestBuilder& Limit(RateTerms terms, uint64_t record = 1, KeyGroup group = KeyGroup::kConsumer) {
    request_.limits[request_.limit_count++] = {group, record, nullptr};
    terms_.push_back(terms);
    return *this;
  }
  RequestBuilder& Quota(uint64_t credits, uint64_t cost, bool allow_overage = false,
                        WindowBounds window = {kNoon - kHour, kNoon + kHour, kNoon + 2 * kHour}) {
    request_.has_quota = true;
    request_.quota = {1, credits, cost, allow_overage, window};
    return *this;
  }
  RequestBuilder& WhenDown(api::WhenStoreIsDown rule) {
    request_.when_down = rule;
    return *this;
  }
  operator const LimitRequest&() const {  // NOLINT(runtime/explicit)
    for (size_t i = 0; i < terms_.size(); ++i) request_.limits[i].terms = &terms_[i];
    return request_;
  }

 private:
  mutable LimitRequest request_;  // points into terms_ once it is asked for
  std::vector<RateTerms> terms_;
};

inline RequestBuilder OneLimit(RateTerms terms) { return RequestBuilder().Limit(terms); }

}  // namespace tollgate::store
