#include "proxy/store/redis/redis_cache_store.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "api/base/digest.h"
#include "api/base/log.h"

namespace tollgate::store {
namespace {

using std::chrono::milliseconds;

constexpr size_t kEditionBytes = sizeof(CacheEdition::high) + sizeof(CacheEdition::low);

// How far the server's clock and this one may drift apart unseen is what they do in so long.
constexpr std::chrono::seconds kAskTimeEvery{10};

// How long an edition lasts that nothing is put under: longer than nearly every upstream takes to answer.
// What takes longer is not shared.
constexpr std::string_view kEditionLastsMs = "60000";

std::string ToBytes(const CacheEdition& edition) {
  std::string bytes(kEditionBytes, '\0');
  std::memcpy(bytes.data(), &edition.high, sizeof edition.high);
  std::memcpy(bytes.data() + sizeof edition.high, &edition.low, sizeof edition.low);
  return bytes;
}

// None where the bytes are not one.
CacheEdition EditionOf(std::string_view bytes) {
  CacheEdition edition;
  if (bytes.size() != kEditionBytes) return edition;
  std::memcpy(&edition.high, bytes.data(), sizeof edition.high);
  std::memcpy(&edition.low, bytes.data() + sizeof edition.high, sizeof edition.low);
  return edition;
}

std::string Hex(const CacheDigest& digest) {
  return ToHex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace

class RedisCacheStore::Unheard final : public ReplyWaiter {
 private:
  void OnReply(ReplyView) override {}
  void OnLost() override {}
};

// Hears the time, again and again.
class RedisCacheStore::TimeListener final : public ReplyWaiter {
 public:
  explicit TimeListener(StoreClock& clock) : clock_(clock) {}

 private:
  void OnReply(ReplyView reply) override {
    if (const WallMicros now = ReadTime(reply); now != 0) clock_.Set(now, SteadyNow());
  }
  void OnLost() override {}

  StoreClock& clock_;
};

// A look-up under way: the values, then the time that is left. It owns itself until both have come, also when
// nobody waits for it any more.
class RedisCacheStore::Fetch final : public ReplyWaiter, private io::Timer {
 public:
  Fetch(RedisCacheStore& store, GetAwaiter& get) : store_(store), get_(&get), since_(get.since) {
    store_.loop_.ArmPromptly(*this, store_.DeadlineOf(since_));
  }

 private:
  void OnReply(ReplyView reply) override { Step(&reply); }
  void OnLost() override { Step(nullptr); }

  void Step(const ReplyView* reply) {
    if (reply != nullptr && reply->is_error()) {
      store_.shared_.node().Trip("it refuses to be read: " + std::string(reply->error()));
      reply = nullptr;
    }
    if (!std::exchange(has_values_, true)) return TakeValues(reply);
    TakeTimeLeft(reply);
    ended_ = true;
    if (!giving_up_) delete this;
  }

  void TakeValues(const ReplyView* reply) {
    if (reply == nullptr || reply->size() != 2) return Deliver(CacheReply::Outcome::kAway);
    if (get_ == nullptr) return;
    const std::string_view edition = (*reply)[0].text();
    std::string_view value = (*reply)[1].text();
    get_->reply.edition = EditionOf(edition);
    if (!get_->reply.edition || !value.ends_with(edition)) return;
    value.remove_suffix(edition.size());
    get_->reply.value = value;
    found_ = true;
  }

  void TakeTimeLeft(const ReplyView* reply) {
    if (reply == nullptr) return Deliver(CacheReply::Outcome::kAway);
    if (get_ == nullptr) return;
    store_.JudgeSpeed(since_, SteadyNow());
    get_->reply.left = milliseconds(reply->integer());
    // An entry that does not expire is none of ours.
    Deliver(found_ && reply->integer() > 0 ? CacheReply::Outcome::kFound : CacheReply::Outcome::kNone);
  }

  // Behind what the server has answered by now: it may be this process that was late.
  void OnTimer() override {
    if (store_.loop_.stopping()) return GiveUp();
    giving_up_ = true;
    store_.loop_.PostBehindInput([this] {
      giving_up_ = false;
      GiveUp();
      if (ended_) delete this;
    });
  }

  void GiveUp() {
    if (get_ == nullptr) return;
    store_.JudgeSpeed(since_, SteadyNow());
    Deliver(CacheReply::Outcome::kLate);
  }

  void Deliver(CacheReply::Outcome outcome) {
    if (get_ == nullptr) return;
    Cancel();
    GetAwaiter& get = *std::exchange(get_, nullptr);
    get.reply.outcome = outcome;
    get.waiter.resume();
  }

  RedisCacheStore& store_;
  GetAwaiter* get_;  // nullptr: it was answered
  const SteadyTime since_;
  bool has_values_ = false;
  bool found_ = false;
  bool giving_up_ = false;  // soon
  bool ended_ = false;      // both have come
};

// A value under way.
class RedisCacheStore::Write final : public ReplyWaiter {
 public:
  Write(RedisCacheStore& store, size_t bytes) : store_(store), bytes_(bytes) { store_.under_way_ += bytes_; }
  ~Write() { store_.under_way_ -= bytes_; }

 private:
  void OnReply(ReplyView reply) override {
    const std::unique_ptr<Write> self(this);
    if (reply.is_error()) return store_.shared_.NoteRefused(reply.error());
    store_.shared_.tally().stored.fetch_add(1, std::memory_order_relaxed);
  }
  void OnLost() override {
    const std::unique_ptr<Write> self(this);
    store_.shared_.tally().dropped.fetch_add(1, std::memory_order_relaxed);
  }

  RedisCacheStore& store_;
  const size_t bytes_;
};

// A group that is to be forgotten: owed until the server has confirmed it.
class RedisCacheStore::Oblivion final : public ReplyWaiter {
 public:
  Oblivion(RedisCacheStore& store, std::string name, std::function<void()> done)
      : store_(store), name_(std::move(name)), done_(std::move(done)) {}

  const std::string& name() const { return name_; }

 private:
  void OnReply(ReplyView reply) override {
    std::unique_ptr<Oblivion> self(this);
    if (!reply.is_error()) return done_();
    store_.shared_.node().Trip("it refuses DEL: " + std::string(reply.error()));
    store_.Owe(std::move(self));
  }
  void OnLost() override { store_.Owe(std::unique_ptr<Oblivion>(this)); }

  RedisCacheStore& store_;
  const std::string name_;
  const std::function<void()> done_;
};

RedisCacheStore::RedisCacheStore(io::Loop& loop, CacheNode& shared, uint64_t seed)
    : loop_(loop),
      shared_(shared),
      unheard_(std::make_unique<Unheard>()),
      time_listener_(std::make_unique<TimeListener>(clock_)),
      next_edition_{seed, 1},
      link_(loop, shared.node(),
            {.prepare = [this](RedisConnection& connection) { return LearnTime(connection); },
             .changed = [this] { OnLinkChanged(); }}) {}

RedisCacheStore::~RedisCacheStore() = default;

bool RedisCacheStore::TryGet(GetAwaiter& get) {
  const bool away = link_.connection() == nullptr;
  get.reply.outcome = away ? CacheReply::Outcome::kAway : CacheReply::Outcome::kLate;
  return away || SteadyNow() >= DeadlineOf(get.since);
}

// Two steps early, since a timer fires up to two steps late: nobody waits longer than promised.
SteadyTime RedisCacheStore::DeadlineOf(SteadyTime since) const {
  const milliseconds deadline = shared_.options().deadline;
  return since + deadline - std::min<milliseconds>(2 * io::TimerWheel::kStep, deadline / 2);
}

// The edition is made before it is read, in the same round trip: who asks now may put later.
void RedisCacheStore::StartGet(GetAwaiter& get) {
  RedisConnection& connection = *link_.connection();
  const std::string group = GroupName(get.key.group);
  const std::string entry = EntryName(get.key);
  const std::string edition = ToBytes(next_edition_);
  ++next_edition_.low;
  const std::array<std::string_view, 6> make{"SET", group, edition, "NX", "PX", kEditionLastsMs};
  const std::array<std::string_view, 3> values{"MGET", group, entry};
  const std::array<std::string_view, 2> left{"PTTL", entry};
  connection.Send(make, *unheard_);
  auto* const fetch = new Fetch(*this, get);
  connection.Send(values, *fetch);
  connection.Send(left, *fetch);
}

void RedisCacheStore::Put(const CacheKey& key, CacheEdition edition, std::string value, milliseconds left) {
  RedisConnection* const connection = link_.connection();
  if (connection == nullptr || !edition || under_way_ + value.size() > kMostUnderWay) {
    shared_.tally().dropped.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  KeepTime(*connection);
  const std::string group = GroupName(key.group);
  const std::string entry = EntryName(key);
  value.append(ToBytes(edition));
  const std::string until = std::to_string(clock_.At(SteadyNow()) / 1000 + left.count());
  const std::array<std::string_view, 5> set{"SET", entry, value, "PXAT", until};
  const std::array<std::string_view, 4> outlast{"PEXPIREAT", group, until, "GT"};
  connection->Send(set, *new Write(*this, value.size()));
  connection->Send(outlast, *unheard_);
}

void RedisCacheStore::Forget(const CacheDigest& group, std::function<void()> done) {
  auto oblivion = std::make_unique<Oblivion>(*this, GroupName(group), std::move(done));
  if (link_.connection() == nullptr) return Owe(std::move(oblivion));
  SendForget(std::move(oblivion));
}

void RedisCacheStore::SendForget(std::unique_ptr<Oblivion> oblivion) {
  const std::array<std::string_view, 2> forget{"DEL", oblivion->name()};
  link_.connection()->Send(forget, *oblivion);
  (void)oblivion.release();  // until it is answered
}

void RedisCacheStore::Owe(std::unique_ptr<Oblivion> oblivion) {
  if (owed_.size() == kMostOwed) {
    owed_.pop_front();
    if (shared_.tally().unforgotten.fetch_add(1, std::memory_order_relaxed) == 0) {
      log::Warning(
          "too much is to be forgotten by the shared cache once it is back: some answers that unsafe "
          "requests have outdated stay until their time to live has passed",
          {{"store", shared_.node().name()}});
    }
  }
  owed_.push_back(std::move(oblivion));
}

void RedisCacheStore::OnLinkChanged() {
  slow_.Clear();
  if (link_.connection() == nullptr) return;
  for (std::unique_ptr<Oblivion>& oblivion : std::exchange(owed_, {})) SendForget(std::move(oblivion));
}

io::Task<Status<>> RedisCacheStore::LearnTime(RedisConnection& connection) {
  const std::array<std::string_view, 1> time{"TIME"};
  RedisConnection::Call call = connection.Ask(time);
  const ReplyView* reply = co_await call;
  if (reply == nullptr) co_return Fault{"the connection ended before the time was told"};
  const WallMicros now = ReadTime(*reply);
  if (now == 0) co_return Fault{"it does not tell the time: " + std::string(reply->error())};
  time_asked_ = SteadyNow();
  clock_.Set(now, time_asked_);
  co_return Done{};
}

void RedisCacheStore::KeepTime(RedisConnection& connection) {
  const SteadyTime now = SteadyNow();
  if (now - time_asked_ < kAskTimeEvery) return;
  time_asked_ = now;
  const std::array<std::string_view, 1> time{"TIME"};
  connection.Send(time, *time_listener_);
}

// A turn of this loop that itself began late says nothing of the server.
void RedisCacheStore::JudgeSpeed(SteadyTime since, SteadyTime now) {
  const milliseconds allowed = shared_.options().slow_after();
  const bool slow = now - since > allowed && now - since - loop_.LatenessSince(since) > allowed;
  if (!slow_.Note(slow, now)) return;
  shared_.node().Trip("too many of its answers took longer than " + std::to_string(allowed.count()) + " ms");
}

std::string RedisCacheStore::GroupName(const CacheDigest& group) const {
  return shared_.prefix() + "{" + Hex(group) + "}";
}

std::string RedisCacheStore::EntryName(const CacheKey& key) const {
  return GroupName(key.group) + ":" + Hex(key.entry);
}

}  // namespace tollgate::store
