// A shared store in the test's own hands: for what a real one does seldom, and for time. What a real
// redis-server does, tests/feature shows. One thread.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "proxy/store/cache_store.h"

namespace tollgate::cache {

class FakeCacheStore final : public store::CacheStore {
 public:
  using Outcome = store::CacheReply::Outcome;
  using Milliseconds = std::chrono::milliseconds;

  // The store's own time goes on.
  void Pass(Milliseconds time) { now_ += time; }
  // What every question comes to from here on, whatever is stored.
  void FailWith(Outcome outcome) { failure_ = outcome; }
  void Recover() { failure_ = Outcome::kFound; }
  // Questions wait for Release(), which answers them by what was stored when they were asked.
  void Hold() { held_ = true; }
  void Release() {
    held_ = false;
    for (GetAwaiter* get : std::exchange(waiting_, {})) get->waiter.resume();
  }
  // Groups are forgotten when Confirm() is called, not at once.
  void Delay() { delayed_ = true; }
  void Confirm() {
    delayed_ = false;
    for (const auto& [group, done] : std::exchange(forgetting_, {})) ForgetNow(group, done);
  }
  // All entries of a group are one, as if all digests were the same.
  void Collide() { colliding_ = true; }

  size_t gets() const { return gets_; }
  // When those who asked had begun to wait.
  const std::vector<SteadyTime>& since() const { return since_; }
  size_t size() const { return entries_.size(); }
  // The two largest values stand under each other's names.
  void SwapLargest() {
    std::vector<std::string*> values;
    for (auto& [name, entry] : entries_) values.push_back(&entry.value);
    std::sort(values.begin(), values.end(), [](auto* a, auto* b) { return a->size() > b->size(); });
    std::swap(*values[0], *values[1]);
  }
  // Changes every value.
  void Damage() {
    for (auto& [name, entry] : entries_) entry.value[entry.value.size() / 2] ^= 1;
  }

  void Put(const store::CacheKey& key, store::CacheEdition edition, std::string value,
           Milliseconds left) override {
    entries_[NameOf(key)] = {edition, std::move(value), now_ + left};
  }
  void Forget(const store::CacheDigest& group, std::function<void()> done) override {
    if (delayed_) {
      forgetting_.emplace_back(group, std::move(done));
    } else {
      ForgetNow(group, done);
    }
  }

 private:
  struct Entry {
    store::CacheEdition edition;
    std::string value;
    Milliseconds until;
  };
  using Name = std::pair<store::CacheDigest, store::CacheDigest>;

  Name NameOf(const store::CacheKey& key) const {
    return {key.group, colliding_ ? store::CacheDigest{} : key.entry};
  }
  void ForgetNow(const store::CacheDigest& group, const std::function<void()>& done) {
    editions_.erase(group);
    done();
  }
  bool TryGet(GetAwaiter& get) override {
    const store::CacheKey& key = get.key;
    store::CacheReply& reply = get.reply;
    ++gets_;
    since_.push_back(get.since);
    reply.outcome = failure_;
    if (failure_ != Outcome::kFound) return !held_;
    store::CacheEdition& edition = editions_[key.group];
    if (!edition) edition = {1, ++made_};
    reply.edition = edition;
    reply.outcome = Outcome::kNone;
    const auto entry = entries_.find(NameOf(key));
    if (entry == entries_.end() || entry->second.edition != edition || entry->second.until <= now_)
      return !held_;
    reply.outcome = Outcome::kFound;
    reply.value = entry->second.value;
    reply.left = entry->second.until - now_;
    return !held_;
  }
  void StartGet(GetAwaiter& get) override { waiting_.push_back(&get); }

  Milliseconds now_{0};
  Outcome failure_ = Outcome::kFound;
  bool held_ = false;
  bool delayed_ = false;
  bool colliding_ = false;
  size_t gets_ = 0;
  std::vector<SteadyTime> since_;
  uint64_t made_ = 0;
  std::map<store::CacheDigest, store::CacheEdition> editions_;
  std::map<Name, Entry> entries_;
  std::vector<GetAwaiter*> waiting_;
  std::vector<std::pair<store::CacheDigest, std::function<void()>>> forgetting_;
};

}  // namespace tollgate::cache
