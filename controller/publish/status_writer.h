// Writes what the controller has to say about its objects into their status: last of all, on a thread of its
// own, in nobody's way. Only what differs from what an object has is written, so that a controller that
// starts anew writes nothing. The newest input counts; those that it overtook are never written.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

#include "api/base/backoff.h"
#include "api/base/clock.h"
#include "controller/publish/status_book.h"
#include "controller/publish/status_client.h"
#include "controller/publish/status_input.h"

namespace tollgate::publish {

struct StatusWriterOptions {
  std::string installation;
  StatusPatience patience = {};
  // An upper bound, so that we never take an API server for ourselves. One call follows another: where each
  // takes 8 ms, it is 120 writes a second, and 4,000 objects settle within a minute.
  unsigned writes_per_second = 200;
  // While the API server is away or overloaded.
  std::chrono::milliseconds first_pause{250};
  std::chrono::milliseconds longest_pause{30'000};
};

class StatusWriter {
 public:
  // `client` and `clock` must outlive it.
  StatusWriter(StatusClient& client, const WallClock& clock, StatusWriterOptions options);
  // Ends the thread as soon as the call under way has noticed; what was not written is not.
  ~StatusWriter();

  // Any thread; returns at once.
  void Update(StatusInput input);

  // What is true of the objects, written yet or not. Any thread.
  ConditionCounts Counts() const;

 private:
  void Run(const std::stop_token& stop);
  bool Await(const std::stop_token& stop);
  void TakeInput();
  void Count();
  void Perform(const StatusErrand& errand, const std::stop_token& stop);
  void Understand(const StatusErrand& errand, const kube::Answer& answer);
  void Refused(const StatusErrand& errand, int status, const std::string& explanation);
  void Stall(const StatusErrand& errand, const std::string& sentence);
  void Recovered();

  StatusClient& client_;
  const WallClock& clock_;
  const StatusWriterOptions options_;

  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  std::optional<StatusInput> input_;  // guarded by mutex_; the newest that was not looked at
  ConditionCounts counts_;            // guarded by mutex_

  // Only the writer's thread.
  StatusBook book_;
  Backoff pause_;
  SteadyTime not_before_{};         // of the next call
  bool stalled_ = false;            // said in the log
  std::set<std::string> refusals_;  // namespaces of which the log said that something is refused

  std::jthread thread_;  // last: starts when all else is there
};

}  // namespace tollgate::publish
