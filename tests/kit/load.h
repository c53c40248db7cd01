// Callers who go on asking until they are told to stop, and write down what they were answered. Each has a
// thread and a kept connection of its own.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/kit/http_client.h"

namespace tollgate::kit {

struct LoadTarget {
  std::string host;  // address
  int port;
  HttpRequest request;
  std::optional<TlsTarget> tls = std::nullopt;  // in place of host and port
};

class Load {
 public:
  // One caller for each target. `pause` lies between the beginnings of one caller's requests; 0: as fast as
  // it goes. Ends by itself after `most` requests of all callers together.
  explicit Load(const std::vector<LoadTarget>& targets, std::chrono::microseconds pause = {},
                size_t most = SIZE_MAX);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // Waits until so many answers have come in (0: all of `most`), at most 60 s.
  bool AwaitAnswers(size_t count) const;
  // Ends the callers; the answers so far stay.
  void Stop();

  // Of every status, how many; 0 stands for no answer.
  std::map<int, size_t> Statuses() const;
  size_t Count(int status) const;
  size_t answers() const { return answers_; }
  // What went wrong where there was no answer, one line each, the first few.
  std::string Errors() const;
  // The longest that an answer took.
  std::chrono::milliseconds slowest() const;

 private:
  void Call(const LoadTarget& target, std::chrono::microseconds pause);

  const size_t most_;
  std::atomic<bool> stop_{false};
  std::atomic<size_t> begun_{0};
  std::atomic<size_t> answers_{0};
  mutable std::mutex mutex_;
  std::map<int, size_t> statuses_;                 // guarded by mutex_
  std::string errors_;                             // guarded by mutex_
  std::chrono::steady_clock::duration slowest_{};  // guarded by mutex_
  std::vector<std::thread> callers_;
};

}  // namespace tollgate::kit
