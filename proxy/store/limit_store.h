// The shared limit store as limits see it: one question about one request, one answer, all or nothing.
// Called by proxy/limit; implemented in process (memory_limit_store.h) and over Redis. One thread, its
// loop's, unless an implementation says that it serves several.
//
// Whose a record is (a KeyGroup and its 128-bit key) stands apart from which of theirs it is (`record`): a
// group is what one shard or one node holds together, so that a request touches as few as it has groups.
#pragma once

#include <array>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "api/base/clock.h"
#include "api/snapshot.pb.h"
#include "proxy/store/rate_terms.h"

namespace tollgate::store {

// A hash that no two names share in practice: the first half of a SHA-256, or what is unique by itself.
struct Key128 {
  uint64_t high;
  uint64_t low;
  bool operator==(const Key128&) const = default;
};

// Whose record it is.
enum class KeyGroup : uint8_t { kConsumer, kPlan, kRoute, kAddress };
inline constexpr size_t kKeyGroups = 4;

// The API allows 16 rate limits on one object.
inline constexpr size_t kMaxLimits = 16;

struct RateItem {
  KeyGroup group;          // whose: LimitRequest::keys[group]
  uint64_t record;         // which of theirs; distinct within a request and group
  const RateTerms* terms;  // must stay until the answer
};

// A calendar window of credits and the one that follows: the store's own clock chooses between them.
struct WindowBounds {
  WallMicros start;
  WallMicros end;       // the first moment after it, which is the start of the next
  WallMicros next_end;  // the first moment after the next
};

struct QuotaItem {
  uint64_t record;  // which of the consumer's: one for each kind of window, whatever the plan
  uint64_t credits;
  uint64_t cost;
  bool allow_overage;
  WindowBounds window;
};

struct LimitRequest {
  std::array<Key128, kKeyGroups> keys;  // by KeyGroup; only those that an item names are read
  std::array<RateItem, kMaxLimits> limits;
  uint32_t limit_count = 0;
  bool has_quota = false;
  QuotaItem quota;  // the consumer group's
  // What a store that cannot be reached answers. One that is in process always can.
  api::WhenStoreIsDown when_down = api::WHEN_STORE_IS_DOWN_UNSPECIFIED;
};

struct QuotaState {
  uint64_t used;        // of the credits, in this window
  uint64_t overage;     // charged above the credits, in this window
  uint64_t remaining;   // credits − used, never below 0
  uint64_t added_over;  // what this request added to `overage`
  WallMicros start;     // the window that was charged
  WallMicros end;
};

enum class LimitVerdict : uint8_t {
  kAdmitted,
  kRateLimited,       // `refused_by` says by which
  kCreditsExhausted,  // by the quota
  kUnavailable,       // undecided, and the plan says Closed
};

// Who decided. Of what nobody decided, only the verdict counts: kAdmitted (Open) or kUnavailable (Closed).
enum class Answerer : uint8_t { kStore, kLocal, kNobody };

struct LimitReply {
  LimitVerdict verdict = LimitVerdict::kUnavailable;
  Answerer answerer = Answerer::kNobody;
  uint32_t refused_by = 0;     // index into LimitRequest::limits; of several, the one that holds longest
  int64_t retry_after_us = 0;  // until all that refuse would admit this request; 0 when admitted
  WallMicros store_time = 0;   // of the decision, by the clock of who made it
  // That the request waited for the store; 0: it was not asked.
  SteadyTime::duration store_wait{};
  std::array<RateState, kMaxLimits> limits;
  QuotaState quota;
};

class LimitStore {
 public:
  struct DecideAwaiter;

  virtual ~LimitStore() = default;

  // co_await: decides all limits and the quota of `request` together. What is refused is charged nowhere.
  // `request` must stay where it is until then.
  DecideAwaiter Decide(const LimitRequest& request);

  // The store's clock as it is known here, without asking it: good enough to name the window that is open.
  virtual WallMicros Time() const = 0;

 protected:
  // Answers at once into `reply`, or returns false: then StartDecide() follows.
  virtual bool TryDecide(const LimitRequest& request, LimitReply& reply) = 0;
  // Resumes `decide.waiter`, on this thread and never from inside this call, when `decide.reply` is filled.
  virtual void StartDecide(DecideAwaiter& decide) = 0;
};

struct LimitStore::DecideAwaiter {
  // Leaves the arrays of the reply as they are: only what was asked is filled and read.
  DecideAwaiter(LimitStore& asked, const LimitRequest& question) : store(asked), request(question) {}

  LimitStore& store;
  const LimitRequest& request;
  LimitReply reply;
  std::coroutine_handle<> waiter;

  bool await_ready() { return store.TryDecide(request, reply); }
  void await_suspend(std::coroutine_handle<> awaiting) {
    waiter = awaiting;
    store.StartDecide(*this);
  }
  LimitReply& await_resume() { return reply; }
};

inline LimitStore::DecideAwaiter LimitStore::Decide(const LimitRequest& request) { return {*this, request}; }

static_assert(std::is_trivially_destructible_v<LimitStore::DecideAwaiter>);

}  // namespace tollgate::store
