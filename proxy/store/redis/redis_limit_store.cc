#include "proxy/store/redis/redis_limit_store.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace tollgate::store {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;

// Within which a correction is sent when no request takes it along.
constexpr std::chrono::milliseconds kCorrectEvery{250};

// The one that a request falls into whose window is over; nothing where the clock has leapt further.
std::optional<WindowBounds> NextWindow(const WindowBounds& window, WallMicros now) {
  if (now >= window.next_end) return {};
  return WindowBounds{window.end, window.next_end, window.next_end + (window.next_end - window.end)};
}

const Key128& ConsumerOf(const LimitRequest& request) {
  return request.keys[static_cast<size_t>(KeyGroup::kConsumer)];
}

}  // namespace

// A call of the script under way. It owns itself until it comes back to the store, with a reply or without.
class RedisLimitStore::Batch final : public ReplyWaiter, public Pooled {
 public:
  explicit Batch(RedisLimitStore& store) : store_(store) {}

  WaitingQueue items;
  AccountPointer account;  // nullptr: nothing is charged
  ChargeTerms terms;
  SteadyTime sent;
  bool with_text = false;

 private:
  void OnReply(ReplyView reply) override { store_.OnReply(std::unique_ptr<Batch>(this), reply); }
  void OnLost() override { store_.OnLost(std::unique_ptr<Batch>(this)); }

  RedisLimitStore& store_;
};

// Coroutines that go on once nothing of the store is half changed: they may ask again at once.
class RedisLimitStore::Answered {
 public:
  explicit Answered(RedisLimitStore& store) : store_(store), waiters_(std::exchange(store.spare_, {})) {}
  ~Answered() {
    for (const std::coroutine_handle<> waiter : waiters_) waiter.resume();
    waiters_.clear();
    store_.spare_ = std::move(waiters_);
  }
  Answered(const Answered&) = delete;
  Answered& operator=(const Answered&) = delete;

  void Add(std::coroutine_handle<> waiter) { waiters_.push_back(waiter); }

 private:
  RedisLimitStore& store_;
  std::vector<std::coroutine_handle<>> waiters_;
};

RedisLimitStore::RedisLimitStore(io::Loop& loop, LimitNode& shared, uint64_t seed)
    : loop_(loop),
      shared_(shared),
      refusals_(shared.options().refusals_kept, seed),
      command_(shared.prefix()),
      accounts_(seed),
      link_(loop, shared.node(),
            {.prepare = [this](RedisConnection& connection) { return LearnTime(connection); },
             .changed = [this] { OnLinkChanged(); },
             .connection = {}}) {
  loop_.Post([this] { io::Detach(KeepAccounts()); });
}

RedisLimitStore::~RedisLimitStore() = default;

WallMicros RedisLimitStore::Time() const {
  return clock_.known() ? clock_.At(SteadyNow()) : shared_.clock().Now();
}

bool RedisLimitStore::TryDecide(const LimitRequest& request, LimitReply& reply) {
  if (shared_.node().open() || loop_.stopping()) {
    AnswerWithoutStore(request, request.quota.window, reply);
    return true;
  }
  if (outage_ != shared_.node().outages()) {
    outage_ = shared_.node().outages();
    refusals_.Clear();
    slow_.Clear();
  }
  return refusals_.Recall(request, SteadyNow(), reply);
}

void RedisLimitStore::StartDecide(DecideAwaiter& decide) {
  auto waiting = std::make_unique<WaitingRequest>(decide, SteadyNow());
  line_.Add(*waiting);
  ArmDeadline();
  Submit(std::move(waiting));
}

void RedisLimitStore::Submit(WaitingPointer waiting) {
  if (link_.connection() == nullptr) return unsent_.Push(std::move(waiting));
  if (waiting->shape.has_quota) return SendQueue(Enqueue(std::move(waiting)));
  command_.Clear();
  command_.Add(waiting->decide->request);
  auto batch = std::make_unique<Batch>(*this);
  batch->items.Push(std::move(waiting));
  Send(std::move(batch), false);
}

const AccountPointer& RedisLimitStore::Enqueue(WaitingPointer waiting) {
  const LimitRequest& request = waiting->decide->request;
  const AccountPointer& account =
      accounts_.Get(ConsumerOf(request), request.quota.record, waiting->window, SteadyNow());
  account->queue.Push(std::move(waiting));
  return account;
}

// As much as fits of what waits for the account, unless a batch of it is under way; what it owes goes along.
void RedisLimitStore::SendQueue(const AccountPointer& account) {
  if (account->under_way || link_.connection() == nullptr) return;
  auto batch = std::make_unique<Batch>(*this);
  command_.Clear();
  WaitingQueue& queue = account->queue;
  for (queue.SkipAnswered(); !queue.empty(); queue.SkipAnswered()) {
    const LimitRequest& request = queue.front().decide->request;
    if (!command_.HasRoomFor(request)) break;
    command_.Add(request);
    batch->items.Push(queue.Pop());
  }
  if (batch->items.empty() && !account->writer.owes()) return;
  batch->account = account;
  batch->terms = account->writer.NextBatch(SteadyNow(), shared_.NextWriterName());
  Charge(*batch);
  account->under_way = true;
  Send(std::move(batch), false);
}

void RedisLimitStore::Charge(const Batch& batch) {
  const CreditAccount& account = *batch.account;
  command_.Charge(account.consumer, account.record, account.window, batch.terms);
}

// The same batch, of those who still wait, with the script's text.
void RedisLimitStore::SendAgain(std::unique_ptr<Batch> batch) {
  command_.Clear();
  WaitingQueue items(std::move(batch->items));
  for (items.SkipAnswered(); !items.empty(); items.SkipAnswered()) {
    command_.Add(items.front().decide->request);
    batch->items.Push(items.Pop());
  }
  if (batch->account != nullptr) {
    Charge(*batch);
  } else if (batch->items.empty()) {
    return;
  }
  Send(std::move(batch), true);
}

// Of what command_ holds.
void RedisLimitStore::Send(std::unique_ptr<Batch> batch, bool with_text) {
  batch->with_text = with_text;
  batch->sent = SteadyNow();
  const WallMicros not_after =
      clock_.At(batch->sent) + duration_cast<microseconds>(shared_.options().deadline).count();
  link_.connection()->Send(command_.Command(shared_.script(), with_text, not_after), *batch.release());
}

void RedisLimitStore::OnReply(std::unique_ptr<Batch> batch, ReplyView reply) {
  Answered answered(*this);
  if (reply.is_error()) return OnError(std::move(batch), reply.error(), answered);
  const SteadyTime now = SteadyNow();
  BatchAnswer answer(reply.text());
  if (answer.outcome() != BatchAnswer::Outcome::kUnreadable) clock_.Learn(answer.now(), batch->sent, now);
  if (batch->account != nullptr) batch->account->under_way = false;
  if (answer.outcome() == BatchAnswer::Outcome::kDecided) {
    OnDecided(*batch, answer, answered);
  } else {
    OnVoid(*batch, answer, answered);
  }
  if (batch->account != nullptr) Continue(batch->account);
  JudgeSpeed(batch->sent, now);
}

void RedisLimitStore::OnDecided(Batch& batch, BatchAnswer& answer, Answered& answered) {
  uint64_t admitted = 0;
  uint64_t served = 0;
  bool readable = true;
  LimitReply unwanted;
  while (const WaitingPointer waiting = batch.items.Pop()) {
    const bool waits = !waiting->answered();
    LimitReply& reply = waits ? waiting->decide->reply : unwanted;
    readable = readable && answer.Read(waiting->shape, waiting->window, reply);
    if (!readable) {
      GiveUp(*waiting, answered);
      continue;
    }
    const bool fits = reply.verdict == LimitVerdict::kAdmitted;
    if (fits) admitted += waiting->shape.cost;
    if (!waits) continue;
    if (fits) served += waiting->shape.cost;
    Keep(batch, *waiting, reply);
    Deliver(*waiting, answered);
  }
  if (batch.account == nullptr) return;
  CreditWriter& writer = batch.account->writer;
  if (readable) return writer.Acknowledge(batch.terms, answer.generation(), admitted, served, SteadyNow());
  writer.AddUnasked(served);
  writer.Lose();
}

// What can be told from an answer later on.
void RedisLimitStore::Keep(const Batch& batch, WaitingRequest& waiting, const LimitReply& reply) {
  if (reply.verdict != LimitVerdict::kAdmitted)
    refusals_.Remember(waiting.decide->request, reply, SteadyNow());
  if (!waiting.shape.has_quota) return;
  shared_.outage().known().Note(batch.account->consumer, batch.account->record, waiting.window,
                                reply.quota.used + reply.quota.overage);
}

// Nothing was changed: too late, overtaken, or in a window that is over. Tried once more, by the time that
// the answer told.
void RedisLimitStore::OnVoid(Batch& batch, const BatchAnswer& answer, Answered& answered) {
  if (answer.outcome() == BatchAnswer::Outcome::kUnreadable && batch.account != nullptr)
    batch.account->writer.Lose();
  AccountPointer account;
  while (WaitingPointer waiting = batch.items.Pop()) {
    if (waiting->answered()) continue;
    std::optional<WindowBounds> window = waiting->window;
    if (answer.outcome() == BatchAnswer::Outcome::kWindowOver) window = NextWindow(*window, answer.now());
    if (waiting->again || !window || answer.outcome() == BatchAnswer::Outcome::kUnreadable) {
      GiveUp(*waiting, answered);
      continue;
    }
    waiting->again = true;
    waiting->window = *window;
    if (waiting->shape.has_quota) {
      account = Enqueue(std::move(waiting));
    } else {
      Submit(std::move(waiting));
    }
  }
  if (account != nullptr) SendQueue(account);
}

void RedisLimitStore::OnError(std::unique_ptr<Batch> batch, std::string_view error, Answered& answered) {
  if (error.starts_with("NOSCRIPT") && !batch->with_text && link_.connection() != nullptr) {
    return SendAgain(std::move(batch));
  }
  if (batch->account != nullptr) batch->account->under_way = false;
  const bool trouble = IsServersTrouble(error);
  if (!trouble) Complain(*batch, error);
  GiveUpAll(batch->items, answered);
  if (trouble) shared_.node().Trip("it answers: " + std::string(error));
  if (batch->account != nullptr) Continue(batch->account);
}

void RedisLimitStore::Complain(Batch& batch, std::string_view error) {
  const SteadyTime now = SteadyNow();
  if (!spoilt_.due(now)) return;
  batch.items.SkipAnswered();
  command_.Clear();
  if (!batch.items.empty()) command_.Add(batch.items.front().decide->request);
  if (batch.account != nullptr) Charge(batch);
  spoilt_.Tell(error, command_.keys(), now);
}

void RedisLimitStore::OnLost(std::unique_ptr<Batch> batch) {
  Answered answered(*this);
  GiveUpAll(batch->items, answered);
  if (batch->account == nullptr) return;
  batch->account->under_way = false;
  batch->account->writer.Lose();
  accounts_.NoteOwing(batch->account);
}

void RedisLimitStore::Continue(const AccountPointer& account) {
  if (!account->queue.empty()) SendQueue(account);
  accounts_.NoteOwing(account);
}

// What this process itself began late is not the store's slowness: on busy cores that would read as one.
void RedisLimitStore::JudgeSpeed(SteadyTime sent, SteadyTime now) {
  const SteadyTime::duration took = now - sent;
  const bool slow =
      took > shared_.options().slow_after && took - loop_.LatenessSince(sent) > shared_.options().slow_after;
  if (!slow_.Note(slow, now)) return;
  shared_.node().Trip("too many of its decisions took longer than " +
                      std::to_string(shared_.options().slow_after.count()) + " ms");
}

void RedisLimitStore::Deliver(WaitingRequest& waiting, Answered& answered) {
  line_.Remove(waiting);
  DecideAwaiter& decide = *std::exchange(waiting.decide, nullptr);
  decide.reply.store_wait = SteadyNow() - waiting.since;
  answered.Add(decide.waiter);
}

void RedisLimitStore::GiveUp(WaitingRequest& waiting, Answered& answered) {
  if (waiting.answered()) return;
  AnswerWithoutStore(waiting.decide->request, waiting.window, waiting.decide->reply);
  Deliver(waiting, answered);
}

void RedisLimitStore::GiveUpAll(WaitingQueue& items, Answered& answered) {
  while (const WaitingPointer waiting = items.Pop()) GiveUp(*waiting, answered);
}

// What is admitted without the store is told to it once it is back.
void RedisLimitStore::AnswerWithoutStore(const LimitRequest& request, const WindowBounds& window,
                                         LimitReply& reply) {
  shared_.outage().Answer(request, shared_.node().outages(), reply);
  if (!request.has_quota || request.quota.cost == 0 || reply.verdict != LimitVerdict::kAdmitted) return;
  const AccountPointer& account =
      accounts_.Get(ConsumerOf(request), request.quota.record, window, SteadyNow());
  account->writer.AddUnasked(request.quota.cost);
  accounts_.NoteOwing(account);
}

// Two ticks early, since a timer fires up to two ticks late: nobody waits longer than promised.
SteadyTime RedisLimitStore::DeadlineOf(const WaitingRequest& waiting) const {
  const std::chrono::milliseconds deadline = shared_.options().deadline;
  return waiting.since + deadline -
         std::min<std::chrono::milliseconds>(2 * io::TimerWheel::kTick, deadline / 2);
}

void RedisLimitStore::ArmDeadline() {
  if (line_.oldest() != nullptr && !armed()) loop_.Arm(*this, DeadlineOf(*line_.oldest()));
}

// Behind what the server has answered by now: it may be this process that was late.
void RedisLimitStore::OnTimer() {
  const SteadyTime now = SteadyNow();
  if (loop_.stopping()) return AnswerTheLate(now);
  loop_.PostBehindInput([this, now] { AnswerTheLate(now); });
}

// Those who had waited for too long then.
void RedisLimitStore::AnswerTheLate(SteadyTime then) {
  Answered answered(*this);
  while (WaitingRequest* const oldest = line_.oldest()) {
    if (then < DeadlineOf(*oldest) && !loop_.stopping()) break;
    GiveUp(*oldest, answered);
  }
  ArmDeadline();
}

// Before anything is decided over a new connection: `not after` is told by the server's clock.
io::Task<Status<>> RedisLimitStore::LearnTime(RedisConnection& connection) {
  const std::array<std::string_view, 1> time{"TIME"};
  const SteadyTime asked = SteadyNow();
  RedisConnection::Call call = connection.Ask(time);
  const ReplyView* reply = co_await call;
  if (reply == nullptr) co_return Fault{"the connection ended before the time was told"};
  const WallMicros told = ReadTime(*reply);
  if (told == 0) co_return Fault{"it does not tell the time: " + std::string(reply->error())};
  clock_.Learn(told, asked, SteadyNow());
  co_return Done{};
}

void RedisLimitStore::OnLinkChanged() {
  if (link_.connection() == nullptr) {
    // Nobody waits for a server that is gone, wherever its request stands.
    Answered answered(*this);
    while (WaitingRequest* const oldest = line_.oldest()) GiveUp(*oldest, answered);
    return unsent_.Clear();
  }
  WaitingQueue unsent(std::move(unsent_));
  for (unsent.SkipAnswered(); !unsent.empty(); unsent.SkipAnswered()) Submit(unsent.Pop());
}

io::Task<void> RedisLimitStore::KeepAccounts() {
  while (!loop_.stopping()) {
    io::Loop::Sleeper pause = loop_.Sleep(kCorrectEvery);
    co_await pause;
    if (loop_.stopping()) break;
    SendCorrections();
    accounts_.ForgetIdle(SteadyNow());
  }
}

void RedisLimitStore::SendCorrections() {
  if (link_.connection() == nullptr) return;
  for (const AccountPointer& account : accounts_.TakeOwing()) {
    SendQueue(account);
    // A batch that is under way comes back here when it is done.
    if (!account->under_way) accounts_.NoteOwing(account);
  }
}

}  // namespace tollgate::store
