#include "controller/publish/source_health.h"

#include <algorithm>

namespace tollgate::publish {

void SourceHealth::Tell(kube::WatchState state, const std::string& sentence) {
  const std::scoped_lock lock(mutex_);
  state_ = state;
  sentence_ = sentence;
}

std::string SourceHealth::Name() const {
  return kind_ + (space_ == "*" ? " in all namespaces" : " in namespace " + space_);
}

bool SourceHealth::synced() const {
  const std::scoped_lock lock(mutex_);
  return state_ == kube::WatchState::kSynced;
}

std::string SourceHealth::Trouble() const {
  const std::scoped_lock lock(mutex_);
  const bool fine = state_ == kube::WatchState::kSynced || state_ == kube::WatchState::kListing;
  return fine ? std::string() : sentence_;
}

std::string WhatHoldsUp(const std::vector<const SourceHealth*>& sources) {
  std::string first;
  size_t others = 0;
  for (const SourceHealth* source : sources) {
    const std::string trouble = source->Trouble();
    if (trouble.empty()) continue;
    if (first.empty()) {
      first = source->Name() + " cannot be watched: " + trouble;
    } else {
      ++others;
    }
  }
  if (others > 0) first += " (" + std::to_string(others) + " more cannot be watched; the log names each.)";
  if (!first.empty()) return first;
  const auto waiting = std::find_if(sources.begin(), sources.end(),
                                    [](const SourceHealth* source) { return !source->synced(); });
  if (waiting != sources.end()) return (*waiting)->Name() + " is being listed";
  return "the first configuration is being compiled";
}

}  // namespace tollgate::publish
