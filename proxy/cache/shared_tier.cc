#include "proxy/cache/shared_tier.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "api/base/digest.h"
#include "proxy/cache/freshness.h"
#include "proxy/cache/vary.h"

namespace tollgate::cache {
namespace {

using std::chrono::milliseconds;
using Kind = SharedForm::Kind;

constexpr WallMicros kMicrosPerMilli = 1000;

// Targets, keys and variants have names of three kinds, so that none is ever another's.
enum class Named : char { kTarget = 't', kKey = 'k', kVariant = 'v' };

store::CacheDigest DigestOf(Named kind, std::initializer_list<std::string_view> parts) {
  std::string text(1, static_cast<char>(kind));
  for (const std::string_view part : parts) text.append(part);
  const Sha256Digest whole = Sha256(text);
  store::CacheDigest digest;
  std::memcpy(digest.data(), whole.data(), digest.size());
  return digest;
}

void AppendText(std::string_view text, std::string& to) {
  const auto size = static_cast<uint32_t>(text.size());
  for (int shift = 0; shift < 32; shift += 8) to += static_cast<char>(size >> shift);
  to.append(text);
}

// The key's own bytes say where they end.
store::CacheDigest VariantOf(std::string_view key, const std::vector<VaryValue>& vary) {
  std::string values;
  for (const VaryValue& part : vary) {
    AppendText(part.name, values);
    values += part.value ? '\1' : '\0';
    if (part.value) AppendText(*part.value, values);
  }
  return DigestOf(Named::kVariant, {key, values});
}

// A host has no "/", a path begins with one: together they are one name.
store::CacheDigest TargetOf(std::string_view host, std::string_view path) {
  return DigestOf(Named::kTarget, {host, path});
}

bool SameNames(const std::vector<std::string>& names, const std::vector<VaryValue>& vary) {
  return std::equal(names.begin(), names.end(), vary.begin(), vary.end(),
                    [](const std::string& name, const VaryValue& part) { return name == part.name; });
}

}  // namespace

io::Task<void> SharedTier::Find(const CacheRequest& request, Lookup& lookup) {
  lookup.shared_result = SharedResult::kMiss;
  // The store may still have what this proxy knows to be outdated.
  if (lookup.target.leaving()) co_return;
  const SteadyTime began = SteadyNow();
  const auto made = std::make_shared<SharedPlace>(SharedPlace{*this, {}, {}, {}, {}});
  SharedPlace& place = *made;
  place.key = {TargetOf(request.host, request.path), DigestOf(Named::kKey, {lookup.key.bytes})};
  Reading found = co_await Read(place, place.key, began, lookup);
  if (found.form.kind == Kind::kNames) {
    place.names = std::move(found.form.names);
    place.names_until = SteadyNow() + found.left;
    found = co_await ReadVariant(place, request, began, lookup);
  }
  lookup.shared_took = SteadyNow() - began;
  if (place.edition) lookup.place = made;
  if (found.form.kind == Kind::kAnswer) Take(request, lookup, std::move(found));
}

io::Task<SharedTier::Reading> SharedTier::Read(SharedPlace& place, const store::CacheKey& key,
                                               SteadyTime since, Lookup& lookup) {
  store::CacheStore::GetAwaiter get = store_.Get(key, since);
  const store::CacheReply& reply = co_await get;
  Reading reading;
  switch (reply.outcome) {
    case store::CacheReply::Outcome::kAway: lookup.shared_result = SharedResult::kDown; break;
    case store::CacheReply::Outcome::kLate: lookup.shared_result = SharedResult::kLate; break;
    case store::CacheReply::Outcome::kNone: place.edition = reply.edition; break;
    case store::CacheReply::Outcome::kFound:
      place.edition = reply.edition;
      reading = {ReadShared(reply.value, lookup.key.bytes), reply.left};
      if (reading.form.kind == Kind::kDamaged) lookup.shared_result = SharedResult::kDamaged;
      break;
  }
  co_return reading;
}

io::Task<SharedTier::Reading> SharedTier::ReadVariant(SharedPlace& place, const CacheRequest& request,
                                                      SteadyTime since, Lookup& lookup) {
  const std::vector<VaryValue> values = ValuesOf(request, place.names);
  const store::CacheKey key{place.key.group, VariantOf(lookup.key.bytes, values)};
  Reading reading = co_await Read(place, key, since, lookup);
  const bool none = reading.form.kind != Kind::kAnswer;
  if (none && lookup.forward == Forward::kUriMiss) lookup.forward = Forward::kVaryMiss;
  co_return reading;
}

// The age is what is gone of the lifetime by the store's clock: those of the proxies may differ.
void SharedTier::Take(const CacheRequest& request, Lookup& lookup, Reading reading) {
  StoredResponse& answer = *reading.form.answer;
  if (!Selects(request, answer.vary)) return;
  const WallMicros now = clock_.Now();
  const WallMicros left = reading.left.count() * kMicrosPerMilli;
  answer.freshness.received = now;
  answer.freshness.initial_age = std::max<WallMicros>(0, answer.freshness.lifetime - left);
  const bool taken = cache_.Fill(request, lookup, std::move(reading.form.answer), now);
  if (taken) lookup.shared_result = SharedResult::kHit;
}

void SharedTier::Store(const SharedPlace& place, std::string_view key, const StoredResponse& answer) {
  const WallMicros age = CurrentAge(answer.freshness, clock_.Now());
  const milliseconds left((answer.freshness.lifetime - age) / kMicrosPerMilli);
  if (left.count() <= 0) return;
  if (answer.vary.empty()) return store_.Put(place.key, place.edition, WriteAnswer(key, answer), left);
  const store::CacheKey variant{place.key.group, VariantOf(key, answer.vary)};
  store_.Put(variant, place.edition, WriteAnswer(key, answer), left);
  // Names that stand there for longer are left: a variant with a short life must not hide the others.
  const bool stand = SameNames(place.names, answer.vary) && place.names_until >= SteadyNow() + left;
  if (!stand) store_.Put(place.key, place.edition, WriteNames(key, answer.vary), left);
}

void SharedTier::AnswerSeen(std::string_view method, std::string_view host, std::string_view path,
                            int status) {
  if (!Outdates(method, status)) return;
  // First: who looks for the target from here on must not find in the store what memory has dropped.
  const auto leave = std::make_shared<TargetLeave>(cache_.Leave(host, path));
  cache_.Outdate(host, path);
  store_.Forget(TargetOf(host, path), [leave] { leave->End(); });
}

}  // namespace tollgate::cache
