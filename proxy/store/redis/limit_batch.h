// A call of the limit script: requests of one consumer, and what its writer says of itself. The layouts are
// told in script/decide.lua. Put together anew for each call, in memory that is kept; one thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/base/clock.h"
#include "proxy/store/limit_store.h"
#include "proxy/store/redis/limit_script.h"

namespace tollgate::store {

// A writer's word about one window of one consumer (credit_writer.h).
struct ChargeTerms {
  uint64_t writer = 0;
  uint64_t seq = 0;
  uint64_t base = 0;
  uint64_t generation = 0;
};

// Of a request, what its answer is read by: the request itself may be gone by then.
struct ItemShape {
  static ItemShape Of(const LimitRequest& request) {
    const bool quota = request.has_quota;
    return {request.limit_count, quota, quota ? request.quota.credits : 0, quota ? request.quota.cost : 0};
  }

  uint32_t limit_count;
  bool has_quota;
  uint64_t credits;
  uint64_t cost;
};

class LimitBatch {
 public:
  // Few enough that the server is not held up: other callers wait behind it.
  static constexpr size_t kMaxItems = 64;
  static constexpr size_t kMaxKeys = 200;
  // Of all items, each once: their places are bytes. More than keys where some know another edition of a
  // plan.
  static constexpr size_t kMaxDifferentLimits = 250;

  // Keys are below `tg:<installation>:`, which `prefix` is.
  explicit LimitBatch(std::string prefix) : prefix_(std::move(prefix)) {}

  void Clear();
  bool HasRoomFor(const LimitRequest& request) const;
  void Add(const LimitRequest& request);
  size_t items() const { return item_count_; }
  // Names the credits' window. Once, behind the last Add(); without an item it is a correction.
  void Charge(const Key128& consumer, uint64_t record, const WindowBounds& window, const ChargeTerms& terms);

  std::span<const std::string> keys() const { return {keys_.data(), key_count_}; }

  // The command; its parts stay until the next call. Past `not_after`, by the server's clock, it does
  // nothing.
  std::vector<std::string_view>& Command(const LimitScript& script, bool with_text, WallMicros not_after);

 private:
  size_t PlaceOfKey(const LimitRequest& request, const RateItem& item);
  uint8_t PlaceOfLimit(const LimitRequest& request, const RateItem& item);
  void BeginKey(KeyGroup group, const Key128& key, uint64_t record);
  size_t KeepKey();

  const std::string prefix_;
  std::vector<std::string> keys_;
  size_t key_count_ = 0;  // of keys_, whose memory is kept
  std::string key_;
  size_t item_count_ = 0;
  std::string header_;
  std::string limits_;
  std::string items_;
  bool charges_ = false;
  WallMicros window_end_ = 0;
  ChargeTerms terms_;
  std::string number_of_keys_;
  std::vector<std::string_view> command_;
};

// The script's answer, read front to back.
class BatchAnswer {
 public:
  enum class Outcome : uint8_t { kDecided, kVoid, kWindowOver, kUnreadable };

  explicit BatchAnswer(std::string_view bytes);

  Outcome outcome() const { return outcome_; }
  WallMicros now() const { return now_; }
  uint64_t generation() const { return generation_; }

  // The next item's; false: it is none, and nothing behind it can be read. `window` is the one that was
  // charged.
  bool Read(const ItemShape& item, const WindowBounds& window, LimitReply& reply);

 private:
  bool Take(size_t bytes);
  uint64_t Number();
  uint8_t Byte() { return static_cast<uint8_t>(rest_[at_++]); }

  std::string_view rest_;
  size_t at_ = 0;
  Outcome outcome_ = Outcome::kUnreadable;
  WallMicros now_ = 0;
  uint64_t generation_ = 0;
};

}  // namespace tollgate::store
