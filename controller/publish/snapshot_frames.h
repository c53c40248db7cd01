// A snapshot as the messages that carry it, serialized once for all proxies. Immutable; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "api/base/result.h"
#include "api/snapshot.pb.h"

namespace tollgate::publish {

class SnapshotFrames {
 public:
  // SnapshotBegin, parts of at most api::kPushPartBytes (a larger resource has one to itself), SnapshotEnd.
  // Refused: a resource that no message can carry.
  static Result<std::shared_ptr<const SnapshotFrames>> Make(const api::Snapshot& snapshot);

  uint32_t schema() const { return schema_; }
  const std::string& version() const { return version_; }
  // Serialized api::ControllerMessages, in order.
  const std::vector<std::string>& messages() const { return messages_; }

 private:
  SnapshotFrames() = default;
  void AddParts(const api::Snapshot& snapshot);

  uint32_t schema_ = 0;
  std::string version_;
  std::vector<std::string> messages_;
};

}  // namespace tollgate::publish
