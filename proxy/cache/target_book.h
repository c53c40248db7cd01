// Which targets (host and path) have something stored or in the making, and how often each was changed by an
// unsafe method (RFC 9111, section 4.4). Any thread: 64 locked shards, by hash.
//
// Why host and path, and not the whole key: a POST matches another rule, often another route, than the GET
// that it makes stale, has another query and may be another consumer's. Why a generation, and not a list of
// entries to delete: a GET that was sent before a PUT and answered after it must not be stored either, and an
// entry then needs no way back from its target. A target lives as long as somebody holds a pin, so the book
// is as large as the cache and needs no sweep; a hit reads one counter and looks nothing up.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

namespace tollgate::cache {

struct Target {
  std::atomic<uint64_t> generation = 0;
  // How many changes the other tier has not taken note of yet.
  std::atomic<uint32_t> leaves = 0;
};

// A target as it was when somebody asked for it.
class TargetPin {
 public:
  TargetPin() = default;
  explicit TargetPin(std::shared_ptr<const Target> target)
      : target_(std::move(target)), seen_(target_->generation.load(std::memory_order_acquire)) {}

  explicit operator bool() const { return target_ != nullptr; }
  // False once the target was changed after the pin was taken.
  bool current() const { return target_->generation.load(std::memory_order_acquire) == seen_; }
  // Whether another tier may still hand out what was stored before a change.
  bool leaving() const { return target_->leaves.load(std::memory_order_acquire) > 0; }

 private:
  std::shared_ptr<const Target> target_;
  uint64_t seen_ = 0;
};

// While it lasts, its target is leaving() for all pins.
class TargetLeave {
 public:
  explicit TargetLeave(std::shared_ptr<Target> target) : target_(std::move(target)) {
    target_->leaves.fetch_add(1, std::memory_order_acq_rel);
  }
  TargetLeave(TargetLeave&&) = default;
  TargetLeave& operator=(TargetLeave&&) = delete;
  ~TargetLeave() { End(); }

  void End() {
    if (target_ != nullptr) target_->leaves.fetch_sub(1, std::memory_order_acq_rel);
    target_.reset();
  }

 private:
  std::shared_ptr<Target> target_;
};

class TargetBook {
 public:
  // What a pin costs where it is the only one of its target, besides the target's name: two counters, their
  // control block with the deleter, a node and a bucket of the table, each with malloc's own share.
  static constexpr size_t kPinCost = 240;

  TargetBook();
  TargetBook(const TargetBook&) = delete;
  TargetBook& operator=(const TargetBook&) = delete;

  // `host` is canonical and has no "/", `path` begins with one: together they are one name.
  TargetPin Pin(std::string_view host, std::string_view path) { return TargetPin(Get(host, path)); }
  TargetLeave Leave(std::string_view host, std::string_view path) { return TargetLeave(Get(host, path)); }
  void Invalidate(std::string_view host, std::string_view path);

  size_t size() const;

 private:
  struct Shards;
  std::shared_ptr<Target> Get(std::string_view host, std::string_view path);

  std::shared_ptr<Shards> shards_;  // pins may outlive the book
};

}  // namespace tollgate::cache
