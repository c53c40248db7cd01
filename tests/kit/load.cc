#include "tests/kit/load.h"

#include <algorithm>

#include "tests/kit/eventually.h"

namespace tollgate::kit {

Load::Load(const std::vector<LoadTarget>& targets, std::chrono::microseconds pause, size_t most)
    : most_(most) {
  for (const LoadTarget& target : targets) {
    callers_.emplace_back([this, target, pause] { Call(target, pause); });
  }
}

Load::~Load() { Stop(); }

void Load::Call(const LoadTarget& target, std::chrono::microseconds pause) {
  HttpClient client = target.tls ? HttpClient(*target.tls) : HttpClient(target.host, target.port);
  auto next = std::chrono::steady_clock::now();
  while (!stop_ && begun_.fetch_add(1) < most_) {
    const auto began = std::chrono::steady_clock::now();
    const HttpAnswer answer = client.Send(target.request);
    const auto ended = std::chrono::steady_clock::now();
    {
      const std::scoped_lock lock(mutex_);
      ++statuses_[answer.status];
      slowest_ = std::max(slowest_, ended - began);
      if (answer.status == 0 && errors_.size() < 500) errors_ += answer.error + "\n";
    }
    ++answers_;
    next += pause;
    std::this_thread::sleep_until(next);
  }
}

bool Load::AwaitAnswers(size_t count) const {
  const size_t wanted = count == 0 ? most_ : count;
  return Eventually([this, wanted] { return answers_ >= wanted; }, std::chrono::seconds(60));
}

void Load::Stop() {
  stop_ = true;
  for (std::thread& caller : callers_) {
    if (caller.joinable()) caller.join();
  }
}

std::map<int, size_t> Load::Statuses() const {
  const std::scoped_lock lock(mutex_);
  return statuses_;
}

size_t Load::Count(int status) const {
  const std::scoped_lock lock(mutex_);
  const auto found = statuses_.find(status);
  return found == statuses_.end() ? 0 : found->second;
}

std::string Load::Errors() const {
  const std::scoped_lock lock(mutex_);
  return errors_;
}

std::chrono::milliseconds Load::slowest() const {
  const std::scoped_lock lock(mutex_);
  return std::chrono::duration_cast<std::chrono::milliseconds>(slowest_);
}

}  // namespace tollgate::kit
