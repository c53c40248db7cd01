// A proxy without a gateway: a real receiver whose `apply` does as the test says and notes what it got.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "proxy/snapshot/receiver.h"

namespace tollgate::push {

class TestProxy {
 public:
  // Starts to follow; `options` without apply and keep, which are this one's.
  explicit TestProxy(snapshot::ReceiverOptions options);
  ~TestProxy();

  // From the next snapshot on: refuse with this reason; an empty one accepts again.
  void RefuseWith(std::string reason);
  // The next apply waits until Release().
  void Hold();
  void Release();

  // Versions that were applied, refused ones included, in order; and those kept.
  std::vector<std::string> applied() const;
  std::vector<std::string> kept() const;
  // The whole of what was applied last, serialized.
  std::string last_bytes() const;
  snapshot::Receiver& receiver() { return *receiver_; }

 private:
  Status<> Apply(const api::Snapshot& snapshot);

  mutable std::mutex mutex_;
  std::condition_variable released_;
  bool held_ = false;
  std::string refusal_;
  std::vector<std::string> applied_;
  std::vector<std::string> kept_;
  std::string last_bytes_;
  std::unique_ptr<snapshot::Receiver> receiver_;
};

}  // namespace tollgate::push
