// A question to a limit store as a coroutine would hold it, for tests of what stands in a line with it.
#pragma once

#include "proxy/store/memory_limit_store.h"
#include "tests/unit/proxy/store/store_under_test.h"

namespace tollgate::store {

struct Question {
  // `request` must outlive this.
  explicit Question(const LimitRequest& request) : decide(store, request) {}

  SystemWallClock clock;
  MemoryLimitStore store{clock, 1};  // never asked
  LimitStore::DecideAwaiter decide;
};

}  // namespace tollgate::store
