#include "proxy/store/redis/known_credits.h"

#include <mutex>

namespace tollgate::store {

KnownCredits::KnownCredits(uint64_t seed) : seed_(seed) {
  for (Shard& shard : shards_) shard.words = decltype(shard.words)(0, HashName{seed});
}

void KnownCredits::Note(const Key128& consumer, uint64_t record, const WindowBounds& window, uint64_t used) {
  Shard& shard = ShardOf(consumer);
  const std::lock_guard lock(shard.lock);
  Word& word = shard.words[{consumer, record}];
  if (window.start >= word.start) word = {window.start, window.end, used};
}

uint64_t KnownCredits::UsedIn(const Key128& consumer, uint64_t record, const WindowBounds& window) {
  Shard& shard = ShardOf(consumer);
  const std::lock_guard lock(shard.lock);
  const auto found = shard.words.find({consumer, record});
  return found != shard.words.end() && found->second.start == window.start ? found->second.used : 0;
}

void KnownCredits::Sweep(WallMicros now) {
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.lock);
    std::erase_if(shard.words, [now](const auto& entry) { return entry.second.end <= now; });
  }
}

}  // namespace tollgate::store
