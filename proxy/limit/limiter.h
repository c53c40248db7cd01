// The limit stage: one request, one decision over all its limits and its credits. Called by the pipeline once
// a caller is permitted and the contract is kept, before the cache. One Limiter a core, its loop's thread.
#pragma once

#include <array>
#include <coroutine>
#include <cstdint>
#include <type_traits>

#include "proxy/exchange/arena.h"
#include "proxy/exchange/permitted.h"
#include "proxy/io/address.h"
#include "proxy/limit/limit_decision.h"
#include "proxy/limit/limit_table.h"
#include "proxy/store/limit_store.h"

namespace tollgate::limit {

class Limiter {
 public:
  class Deciding;

  // `store` must outlive this. The in-process store may be shared by all cores.
  explicit Limiter(store::LimitStore& store) : store_(store) {}

  // LimitDecision decision = co_await limiter.Decide(…): at once, without a wait, where no limit applies or
  // the store is in process. `table` is the pinned snapshot's, as is what `permitted` names; `peer` is the
  // caller's address; the header values are put into `arena`. All must stay in place until the answer.
  Deciding Decide(const LimitTable& table, const exchange::Permitted& permitted, const io::Address& peer,
                  exchange::Arena& arena);

 private:
  // The window that is open by the store's clock. Kept for the next request: a calendar costs more than a
  // limit.
  const store::WindowBounds& WindowOf(api::Quota::Calendar calendar);

  store::LimitStore& store_;
  std::array<store::WindowBounds, api::Quota::Calendar_ARRAYSIZE> windows_{};
};

// A decision under way. Trivially destructible, so that it may stand in a co_await expression (io/task.h).
class Limiter::Deciding {
 public:
  Deciding(Limiter& limiter, const LimitTable& table, const exchange::Permitted& permitted,
           const io::Address& peer, exchange::Arena& arena);
  Deciding(const Deciding&) = delete;
  Deciding& operator=(const Deciding&) = delete;

  bool await_ready() { return terms_ == nullptr || wait_.await_ready(); }
  void await_suspend(std::coroutine_handle<> waiter) { wait_.await_suspend(waiter); }
  LimitDecision await_resume();

 private:
  const CallerTerms* const terms_;  // nullptr: nothing limits this caller
  exchange::Arena& arena_;
  store::LimitRequest request_;
  store::LimitStore::DecideAwaiter wait_;
};

static_assert(std::is_trivially_destructible_v<Limiter::Deciding>);

inline Limiter::Deciding Limiter::Decide(const LimitTable& table, const exchange::Permitted& permitted,
                                         const io::Address& peer, exchange::Arena& arena) {
  return {*this, table, permitted, peer, arena};
}

}  // namespace tollgate::limit
