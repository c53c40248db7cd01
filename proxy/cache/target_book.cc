#include "proxy/cache/target_book.h"

#include <array>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "proxy/cache/key.h"

namespace tollgate::cache {
struct TargetBook::Shards {
  struct Shard {
    std::mutex mutex;  // guards `targets`
    std::unordered_map<std::string, std::weak_ptr<Target>> targets;

    void Erase(const std::string& name);
  };
  std::array<Shard, 64> shards;

  Shard& Of(std::string_view name) { return shards[HashBytes(name) >> 58]; }
};

// The last pin of a target is gone. Another thread may have entered the name anew in the meantime.
void TargetBook::Shards::Shard::Erase(const std::string& name) {
  const std::lock_guard lock(mutex);
  const auto found = targets.find(name);
  if (found != targets.end() && found->second.expired()) targets.erase(found);
}

namespace {

std::string NameOf(std::string_view host, std::string_view path) {
  std::string name;
  name.reserve(host.size() + path.size());
  return name.append(host).append(path);
}

}  // namespace

TargetBook::TargetBook() : shards_(std::make_shared<Shards>()) {}

std::shared_ptr<Target> TargetBook::Get(std::string_view host, std::string_view path) {
  const std::string name = NameOf(host, path);
  Shards::Shard& shard = shards_->Of(name);
  const std::lock_guard lock(shard.mutex);
  std::weak_ptr<Target>& target = shard.targets[name];
  if (std::shared_ptr<Target> known = target.lock()) return known;
  const std::shared_ptr<Target> made(new Target, [shards = shards_, &shard, name](const Target* gone) {
    delete gone;
    shard.Erase(name);
  });
  target = made;
  return made;
}

void TargetBook::Invalidate(std::string_view host, std::string_view path) {
  const std::string name = NameOf(host, path);
  Shards::Shard& shard = shards_->Of(name);
  std::shared_ptr<Target> target;  // before the lock: it may turn out to be the last, and then locks too
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.targets.find(name);
  if (found == shard.targets.end()) return;
  target = found->second.lock();
  if (target != nullptr) target->generation.fetch_add(1, std::memory_order_release);
}

size_t TargetBook::size() const {
  size_t size = 0;
  for (Shards::Shard& shard : shards_->shards) {
    const std::lock_guard lock(shard.mutex);
    size += shard.targets.size();
  }
  return size;
}

}  // namespace tollgate::cache
