#include "proxy/store/redis/limit_batch.h"

#include <algorithm>
#include <array>

#include "api/base/check.h"

namespace tollgate::store {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint8_t kCharges = 1;
constexpr uint8_t kCorrectsOnly = 2;
constexpr size_t kLimitBytes = 2 + 4 * 8;

void PutByte(std::string& to, uint8_t byte) { to += static_cast<char>(byte); }

void PutNumber(std::string& to, uint64_t number) {
  std::array<char, 8> bytes;
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(number >> (56 - 8 * i));
  to.append(bytes.data(), bytes.size());
}

void PutHex(std::string& to, uint64_t number) {
  std::array<char, 16> digits;
  for (size_t i = 0; i < digits.size(); ++i) digits[i] = "0123456789abcdef"[number >> (60 - 4 * i) & 15];
  to.append(digits.data(), digits.size());
}

char LetterOf(KeyGroup group) { return "cpra"[static_cast<size_t>(group)]; }

}  // namespace

void LimitBatch::Clear() {
  key_count_ = 0;
  item_count_ = 0;
  limits_.clear();
  items_.clear();
  charges_ = false;
  window_end_ = 0;
  terms_ = {};
}

bool LimitBatch::HasRoomFor(const LimitRequest& request) const {
  return item_count_ < kMaxItems && key_count_ + request.limit_count <= kMaxKeys &&
         limits_.size() / kLimitBytes + request.limit_count <= kMaxDifferentLimits;
}

void LimitBatch::Add(const LimitRequest& request) {
  TOLLGATE_CHECK(HasRoomFor(request));
  ++item_count_;
  const ItemShape shape = ItemShape::Of(request);
  PutNumber(items_, shape.cost);
  PutNumber(items_, shape.credits);
  PutByte(items_, request.has_quota && request.quota.allow_overage ? 1 : 0);
  PutByte(items_, static_cast<uint8_t>(request.limit_count));
  for (uint32_t i = 0; i < request.limit_count; ++i) {
    PutByte(items_, PlaceOfLimit(request, request.limits[i]));
  }
}

// `tg:<installation>:{c:<consumer>}:<record>`: what one group owns has one hash tag, so that one node of a
// Redis Cluster holds it together.
void LimitBatch::BeginKey(KeyGroup group, const Key128& key, uint64_t record) {
  key_ = prefix_;
  key_ += '{';
  key_ += LetterOf(group);
  key_ += ':';
  PutHex(key_, key.high);
  PutHex(key_, key.low);
  key_ += "}:";
  PutHex(key_, record);
}

size_t LimitBatch::PlaceOfKey(const LimitRequest& request, const RateItem& item) {
  BeginKey(item.group, request.keys[static_cast<size_t>(item.group)], item.record);
  key_ += item.terms->burst > 0 ? ":b" : ":w";
  for (size_t i = 0; i < key_count_; ++i) {
    if (keys_[i] == key_) return i;
  }
  return KeepKey();
}

size_t LimitBatch::KeepKey() {
  if (key_count_ == keys_.size()) keys_.emplace_back();
  keys_[key_count_] = key_;
  return key_count_++;
}

// Items of one consumer mostly share their limits: each stands once. Places count from 1, as Lua does.
uint8_t LimitBatch::PlaceOfLimit(const LimitRequest& request, const RateItem& item) {
  const size_t begin = limits_.size();
  const RateTerms& terms = *item.terms;
  PutByte(limits_, terms.burst > 0 ? 'B' : 'W');
  PutByte(limits_, static_cast<uint8_t>(PlaceOfKey(request, item) + 1));
  PutNumber(limits_, terms.requests);
  PutNumber(limits_, static_cast<uint64_t>(terms.per_us));
  PutNumber(limits_, terms.interval);
  PutNumber(limits_, terms.depth);
  const std::string_view added = std::string_view(limits_).substr(begin);
  for (size_t at = 0; at < begin; at += kLimitBytes) {
    if (std::string_view(limits_).substr(at, kLimitBytes) != added) continue;
    limits_.resize(begin);
    return static_cast<uint8_t>(at / kLimitBytes + 1);
  }
  return static_cast<uint8_t>(begin / kLimitBytes + 1);
}

void LimitBatch::Charge(const Key128& consumer, uint64_t record, const WindowBounds& window,
                        const ChargeTerms& terms) {
  charges_ = true;
  window_end_ = window.end;
  terms_ = terms;
  BeginKey(KeyGroup::kConsumer, consumer, record);
  key_ += ":q:" + std::to_string(window.start / 1'000'000);
  KeepKey();
}

std::vector<std::string_view>& LimitBatch::Command(const LimitScript& script, bool with_text,
                                                   WallMicros not_after) {
  header_.clear();
  PutByte(header_, kVersion);
  PutByte(header_, static_cast<uint8_t>((charges_ ? kCharges : 0) | (item_count_ == 0 ? kCorrectsOnly : 0)));
  PutNumber(header_, static_cast<uint64_t>(not_after));
  PutNumber(header_, terms_.seq);
  PutNumber(header_, terms_.base);
  PutNumber(header_, terms_.generation);
  PutNumber(header_, static_cast<uint64_t>(window_end_));
  PutNumber(header_, terms_.writer);
  number_of_keys_ = std::to_string(key_count_);
  command_.assign(
      {with_text ? "EVAL" : "EVALSHA", with_text ? script.text() : script.sha(), number_of_keys_});
  command_.insert(command_.end(), keys_.begin(), keys_.begin() + static_cast<ptrdiff_t>(key_count_));
  command_.insert(command_.end(), {header_, limits_, items_});
  return command_;
}

BatchAnswer::BatchAnswer(std::string_view bytes) : rest_(bytes) {
  if (!Take(1 + 2 * 8)) return;
  const uint8_t outcome = Byte();
  now_ = static_cast<WallMicros>(Number());
  generation_ = Number();
  if (outcome <= static_cast<uint8_t>(Outcome::kWindowOver)) outcome_ = static_cast<Outcome>(outcome);
}

bool BatchAnswer::Take(size_t bytes) { return rest_.size() - at_ >= bytes; }

uint64_t BatchAnswer::Number() {
  uint64_t number = 0;
  for (int i = 0; i < 8; ++i) number = number << 8 | Byte();
  return number;
}

bool BatchAnswer::Read(const ItemShape& item, const WindowBounds& window, LimitReply& reply) {
  if (!Take(2 + 2 * 8 + item.limit_count * 3 * size_t{8})) return false;
  constexpr LimitVerdict kVerdicts[] = {LimitVerdict::kAdmitted, LimitVerdict::kRateLimited,
                                        LimitVerdict::kCreditsExhausted};
  const uint8_t verdict = Byte();
  if (verdict >= std::size(kVerdicts)) return false;
  reply.verdict = kVerdicts[verdict];
  reply.answerer = Answerer::kStore;
  reply.store_time = now_;
  reply.refused_by = Byte();
  if (reply.verdict == LimitVerdict::kRateLimited && reply.refused_by >= item.limit_count) return false;
  reply.retry_after_us = static_cast<int64_t>(Number());
  const uint64_t used = Number();
  for (uint32_t i = 0; i < item.limit_count; ++i) {
    RateState& state = reply.limits[i];
    state.remaining = Number();
    state.reset_us = static_cast<int64_t>(Number());
    state.retry_us = static_cast<int64_t>(Number());
  }
  if (!item.has_quota) return true;
  const uint64_t credits = item.credits;
  const uint64_t over = used > credits ? used - credits : 0;
  const uint64_t cost = reply.verdict == LimitVerdict::kAdmitted ? item.cost : 0;
  reply.quota = {std::min(used, credits), over,         credits - std::min(used, credits),
                 std::min(over, cost),    window.start, window.end};
  return true;
}

}  // namespace tollgate::store
