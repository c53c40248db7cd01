// The shared cache store as the cache sees it: bytes under keys, shared by all proxies of an installation,
// that may be slow, full or gone at any time. Called by proxy/cache; implemented over Redis
// (redis/redis_cache_store.h). One thread, its loop's.
//
// Entries belong to groups, which are outdated together: all that is stored of one target. A group has an
// edition: Get() tells it, Put() names it, Forget() ends it. What was put under an ended edition is never
// handed out again, not even when it is put after that. A store that loses an edition, by eviction or a
// restart, has lost the group's entries with it. Only one that goes back in time, to a snapshot or a replica
// that lagged, brings back what was forgotten.
#pragma once

#include <array>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "api/base/clock.h"

namespace tollgate::store {

// 128 bits of a digest that no two names share in practice. Whoever reads an entry checks its name all the
// same.
using CacheDigest = std::array<uint8_t, 16>;

struct CacheKey {
  CacheDigest group;
  CacheDigest entry;
};

struct CacheEdition {
  uint64_t high = 0;
  uint64_t low = 0;
  // False: none is known, and nothing can be put.
  explicit operator bool() const { return high != 0 || low != 0; }
  bool operator==(const CacheEdition&) const = default;
};

struct CacheReply {
  enum class Outcome : uint8_t {
    kFound,
    kNone,  // nothing of the group's edition
    kAway,  // the store cannot be asked, or its answer is lost
    kLate,  // it has not answered within the deadline
  };
  Outcome outcome = Outcome::kAway;
  CacheEdition edition;            // of kFound and kNone
  std::string value;               // of kFound
  std::chrono::milliseconds left;  // of kFound: until the store forgets the entry by itself
};

class CacheStore {
 public:
  struct GetAwaiter;

  virtual ~CacheStore() = default;

  // co_await: what is stored, never later than the store's deadline after `since`, when the request began to
  // wait. `key` must stay until then.
  GetAwaiter Get(const CacheKey& key, SteadyTime since);

  // Stores a value for `left`, soon or never: nobody waits for it, and it is dropped where the store cannot
  // keep up.
  virtual void Put(const CacheKey& key, CacheEdition edition, std::string value,
                   std::chrono::milliseconds left) = 0;

  // Ends the group's edition. Where the store cannot be reached it is told as soon as it can be. `done` is
  // called, on this thread, once no Get() of any proxy finds what was there: not, where too much is to be
  // forgotten at once, or this ends before.
  virtual void Forget(const CacheDigest& group, std::function<void()> done) = 0;

 protected:
  // Answers at once into `get.reply`, or returns false: then StartGet() follows.
  virtual bool TryGet(GetAwaiter& get) = 0;
  // Resumes `get.waiter`, on this thread and never from inside this call, when `get.reply` is filled.
  virtual void StartGet(GetAwaiter& get) = 0;
};

// Not trivially destructible: name it before it is awaited (io/task.h).
struct CacheStore::GetAwaiter {
  GetAwaiter(CacheStore& asked, const CacheKey& wanted, SteadyTime began)
      : store(asked), key(wanted), since(began) {}
  GetAwaiter(const GetAwaiter&) = delete;
  GetAwaiter& operator=(const GetAwaiter&) = delete;

  CacheStore& store;
  const CacheKey& key;
  const SteadyTime since;
  CacheReply reply;
  std::coroutine_handle<> waiter;

  bool await_ready() { return store.TryGet(*this); }
  void await_suspend(std::coroutine_handle<> awaiting) {
    waiter = awaiting;
    store.StartGet(*this);
  }
  CacheReply& await_resume() { return reply; }
};

inline CacheStore::GetAwaiter CacheStore::Get(const CacheKey& key, SteadyTime since) {
  return {*this, key, since};
}

}  // namespace tollgate::store
