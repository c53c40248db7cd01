// One core of a proxy with its limit store over Redis, on a thread of its own, as a test meets it: questions
// go in, replies come out.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "proxy/store/redis/limit_node.h"
#include "proxy/store/redis/redis_limit_store.h"
#include "tests/kit/eventually.h"
#include "tests/unit/proxy/store/store_under_test.h"

namespace tollgate::store {

class LimitCore {
 public:
  explicit LimitCore(LimitNode& node) : store_(loop_, node, 42) {
    thread_ = std::thread([this] { loop_.Run(); });
  }
  ~LimitCore() { Stop(); }

  using Reply = std::future<LimitReply>;
  // `request`, and the terms that it points to, must stay until the reply.
  Reply Ask(const LimitRequest& request) {
    auto answered = std::make_shared<std::promise<LimitReply>>();
    Reply reply = answered->get_future();
    loop_.Post([this, &request, answered] { io::Detach(Decide(request, answered)); });
    return reply;
  }
  std::vector<Reply> Ask(const LimitRequest& request, size_t count) {
    std::vector<Reply> replies(count);
    for (Reply& reply : replies) reply = Ask(request);
    return replies;
  }
  // Keeps the core busy for so long, behind what it has to send now.
  void Block(std::chrono::milliseconds duration) {
    const auto busy = [duration] {
      for (const SteadyTime end = SteadyNow() + duration; SteadyNow() < end;) {
      }
    };
    loop_.Post([this, busy] { loop_.Post(busy); });
  }
  // The store's time as the core knows it.
  WallMicros Time() {
    std::promise<WallMicros> told;
    loop_.Post([&] { told.set_value(store_.Time()); });
    return told.get_future().get();
  }
  // Ends the loop; who waits is answered.
  void Stop() {
    if (!thread_.joinable()) return;
    loop_.Stop();
    thread_.join();
  }

 private:
  io::Task<void> Decide(const LimitRequest& request, std::shared_ptr<std::promise<LimitReply>> answered) {
    LimitStore::DecideAwaiter decide = store_.Decide(request);
    answered->set_value(co_await decide);
  }

  io::Loop loop_;
  RedisLimitStore store_;
  std::thread thread_;
};

inline bool IsReady(LimitCore::Reply& reply, std::chrono::milliseconds patience = std::chrono::seconds(10)) {
  return reply.wait_for(patience) == std::future_status::ready;
}

// What a number of replies came to.
struct Tally {
  size_t admitted = 0;  // by the store
  size_t refused = 0;   // by the store
  size_t local = 0;     // admitted without it
  size_t without = 0;   // refused without it
  size_t never = 0;
  SteadyTime::duration longest{};

  void Add(const LimitReply& reply) {
    const bool fits = reply.verdict == LimitVerdict::kAdmitted;
    const bool store = reply.answerer == Answerer::kStore;
    ++(store ? fits ? admitted : refused : fits ? local : without);
    longest = std::max(longest, reply.store_wait);
  }
};

inline Tally TallyOf(std::vector<LimitCore::Reply> replies) {
  Tally tally;
  for (LimitCore::Reply& reply : replies) {
    if (IsReady(reply)) {
      tally.Add(reply.get());
    } else {
      ++tally.never;
    }
  }
  return tally;
}

}  // namespace tollgate::store
