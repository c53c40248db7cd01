// How the watch of one collection fares: told by its ObjectSource on the watch's thread, read by the pages of
// the controller on theirs.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/base/clock.h"
#include "controller/kube/watch.h"

namespace tollgate::publish {

class SourceHealth {
 public:
  // Of `space`; "*": of all namespaces.
  SourceHealth(std::string kind, std::string space) : kind_(std::move(kind)), space_(std::move(space)) {}

  void Hear(WallMicros now) { last_heard_ = now; }
  void CountList() { ++lists_; }
  void Tell(kube::WatchState state, const std::string& sentence);

  const std::string& kind() const { return kind_; }
  // "GatewayRoute in namespace market".
  std::string Name() const;
  // Microseconds since 1970 when the API server last said anything of the collection; 0: nothing yet.
  WallMicros last_heard() const { return last_heard_; }
  uint64_t lists() const { return lists_; }
  // Whether all that there was has been reported, and what changes is.
  bool synced() const;
  // Why the collection cannot be watched, with the remedy; empty where there is no trouble.
  std::string Trouble() const;

 private:
  const std::string kind_;
  const std::string space_;
  std::atomic<WallMicros> last_heard_{0};
  std::atomic<uint64_t> lists_{0};
  mutable std::mutex mutex_;
  kube::WatchState state_ = kube::WatchState::kListing;  // guarded by mutex_
  std::string sentence_;                                 // guarded by mutex_
};

// Why there is no configuration yet: the first collection in trouble, or else the first that is not listed.
std::string WhatHoldsUp(const std::vector<const SourceHealth*>& sources);

}  // namespace tollgate::publish
