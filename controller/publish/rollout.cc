#include "controller/publish/rollout.h"

#include <algorithm>
#include <utility>

#include "controller/publish/status_text.h"

namespace tollgate::publish {
namespace {

// A proxy that is further behind than this counts as one that knows nothing: it has to take over the newest
// in any case.
constexpr Rollout::Number kRemembered = 1'024;

}  // namespace

Rollout::Number Rollout::Publish(const std::string& version, std::string fault) {
  ++newest_;
  fault_ = std::move(fault);
  // A version that comes back is the same snapshot: who serves it serves the newest.
  if (fault_.empty()) numbers_[version] = newest_;
  Forget();
  Locate();
  return newest_;
}

void Rollout::SetProxies(std::vector<ProxyState> proxies) {
  connected_.clear();
  for (ProxyState& proxy : proxies) {
    if (proxy.connected) connected_.push_back({.state = std::move(proxy)});
  }
  Locate();
}

void Rollout::Locate() {
  for (Progress& progress : connected_) {
    progress.serves = NumberOf(progress.state.version);
    progress.answered = NumberOf(progress.state.acknowledged);
  }
}

void Rollout::Forget() {
  std::erase_if(numbers_, [this](const auto& known) { return known.second + kRemembered < newest_; });
}

Rollout::Number Rollout::NumberOf(const std::string& version) const {
  const auto known = numbers_.find(version);
  return known == numbers_.end() ? 0 : known->second;
}

compile::Condition Rollout::Programmed(Number since) const {
  const auto not_programmed = [](const char* why, std::string message) {
    return compile::Condition{condition::kProgrammed, false, why, std::move(message)};
  };
  if (connected_.empty()) {
    return not_programmed(
        reason::kNoProxies,
        "No proxy is connected: see whether the proxies' pods run, and in their logs why they "
        "do not reach the controller");
  }
  size_t serving = 0;
  for (const Progress& progress : connected_) {
    const bool serves = progress.serves >= since;
    if (!serves && !progress.state.refusal.empty() && progress.answered >= since) {
      return not_programmed(
          reason::kProxyRefused,
          "Proxy " + progress.state.proxy +
              " refused the configuration and goes on with the one before: " + progress.state.refusal);
    }
    serving += serves ? 1 : 0;
  }
  if (serving == connected_.size()) {
    return {condition::kProgrammed, true, reason::kProgrammed,
            "Every connected proxy serves this generation"};
  }
  if (!fault_.empty())
    return not_programmed(reason::kPending, "The configuration could not be sent: " + fault_);
  return not_programmed(reason::kPending,
                        std::to_string(serving) + " of " + std::to_string(connected_.size()) +
                            " connected proxies serve this generation; the others are to follow");
}

}  // namespace tollgate::publish
