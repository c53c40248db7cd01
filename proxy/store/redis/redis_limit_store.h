// The limit store over Redis, of one core: requests go to the script as soon as they come, those of one
// consumer's credits one batch after another. While the circuit is open, and for what is not answered within
// the deadline, the plan's whenStoreIsDown decides. One thread, its loop's.
#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "proxy/io/loop.h"
#include "proxy/io/timer_wheel.h"
#include "proxy/store/limit_store.h"
#include "proxy/store/redis/core_link.h"
#include "proxy/store/redis/credit_accounts.h"
#include "proxy/store/redis/limit_batch.h"
#include "proxy/store/redis/limit_error.h"
#include "proxy/store/redis/limit_node.h"
#include "proxy/store/redis/refusal_memory.h"
#include "proxy/store/redis/slow_watch.h"
#include "proxy/store/redis/store_clock.h"
#include "proxy/store/redis/waiting_request.h"

namespace tollgate::store {

class RedisLimitStore final : public LimitStore, private io::Timer {
 public:
  // Both must outlive this; the loop must have ended, or never begun, before this is destroyed.
  RedisLimitStore(io::Loop& loop, LimitNode& shared, uint64_t seed);
  ~RedisLimitStore() override;

  WallMicros Time() const override;

 protected:
  bool TryDecide(const LimitRequest& request, LimitReply& reply) override;
  void StartDecide(DecideAwaiter& decide) override;

 private:
  class Batch;
  class Answered;
  using WaitingPointer = std::unique_ptr<WaitingRequest>;

  // Asking.
  void Submit(WaitingPointer waiting);
  const AccountPointer& Enqueue(WaitingPointer waiting);
  void SendQueue(const AccountPointer& account);
  void Charge(const Batch& batch);
  void SendAgain(std::unique_ptr<Batch> batch);
  void Send(std::unique_ptr<Batch> batch, bool with_text);

  // Understanding what comes back.
  void OnReply(std::unique_ptr<Batch> batch, ReplyView reply);
  void OnLost(std::unique_ptr<Batch> batch);
  void OnError(std::unique_ptr<Batch> batch, std::string_view error, Answered& answered);
  void OnDecided(Batch& batch, BatchAnswer& answer, Answered& answered);
  void OnVoid(Batch& batch, const BatchAnswer& answer, Answered& answered);
  void Keep(const Batch& batch, WaitingRequest& waiting, const LimitReply& reply);
  void Complain(Batch& batch, std::string_view error);
  void Continue(const AccountPointer& account);
  void JudgeSpeed(SteadyTime sent, SteadyTime now);

  // Answering.
  void Deliver(WaitingRequest& waiting, Answered& answered);
  void GiveUp(WaitingRequest& waiting, Answered& answered);
  void GiveUpAll(WaitingQueue& items, Answered& answered);
  void AnswerWithoutStore(const LimitRequest& request, const WindowBounds& window, LimitReply& reply);
  SteadyTime DeadlineOf(const WaitingRequest& waiting) const;
  void OnTimer() override;
  void AnswerTheLate(SteadyTime then);
  void ArmDeadline();

  // Keeping up with the node.
  io::Task<Status<>> LearnTime(RedisConnection& connection);
  void OnLinkChanged();
  io::Task<void> KeepAccounts();
  void SendCorrections();

  io::Loop& loop_;
  LimitNode& shared_;
  StoreClock clock_;
  RefusalMemory refusals_;
  SlowWatch slow_;
  SpoiltRecords spoilt_;
  uint64_t outage_ = 0;  // the last that refusals_ and slow_ know of
  WaitingLine line_;
  WaitingQueue unsent_;                         // those that came while there was no connection yet
  LimitBatch command_;                          // the one that is put together
  std::vector<std::coroutine_handle<>> spare_;  // memory for Answered
  CreditAccounts accounts_;
  CoreLink link_;  // last: calls into all above
};

}  // namespace tollgate::store
