// The cache's second tier: what any proxy of the installation has stored. Asked where memory has nothing;
// what it finds fills memory. Never waited for beyond the store's deadline, which one and two questions
// share, and without it the cache is what it is without a second tier. One for a core; one thread.
//
// Answers that vary stand under a key of their own: the primary key then holds the names that they vary by,
// as the answer that was stored last told them, and a second question finds the variant. An answer under
// other names, or without Vary, replaces the names, and what was stored under them is not found any more.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/base/clock.h"
#include "proxy/cache/response_cache.h"
#include "proxy/cache/shared_form.h"
#include "proxy/io/task.h"
#include "proxy/store/cache_store.h"

namespace tollgate::cache {

class SharedTier;

// Where the answer to a request belongs in the shared tier, as its look-up found it.
struct SharedPlace {
  SharedTier& tier;
  store::CacheKey key;          // the primary key's
  store::CacheEdition edition;  // none: nothing can be stored
  // The names that stand there, and until when.
  std::vector<std::string> names;
  SteadyTime names_until{};
};

class SharedTier {
 public:
  // All must outlive this.
  SharedTier(store::CacheStore& store, ResponseCache& cache, const WallClock& clock)
      : store_(store), cache_(cache), clock_(clock) {}

  // Looks for what memory has not: a lookup that missed becomes a hit, or learns its place for Record(), or
  // stays as it is. `lookup.shared_result` and `shared_took` say what came of it.
  io::Task<void> Find(const CacheRequest& request, Lookup& lookup);

  // Stores the answer to a request that Find() was asked about, for as long as it is fresh from now on.
  void Store(const SharedPlace& place, std::string_view key, const StoredResponse& answer);

  // ResponseCache::AnswerSeen(), for both tiers. The memory of other proxies serves what it has until that
  // has lived its time.
  void AnswerSeen(std::string_view method, std::string_view host, std::string_view path, int status);

 private:
  // One question: what stands under a key, and how long it will.
  struct Reading {
    SharedForm form;
    std::chrono::milliseconds left{};
  };
  io::Task<Reading> Read(SharedPlace& place, const store::CacheKey& key, SteadyTime since, Lookup& lookup);
  io::Task<Reading> ReadVariant(SharedPlace& place, const CacheRequest& request, SteadyTime since,
                                Lookup& lookup);
  void Take(const CacheRequest& request, Lookup& lookup, Reading reading);

  store::CacheStore& store_;
  ResponseCache& cache_;
  const WallClock& clock_;
};

}  // namespace tollgate::cache
