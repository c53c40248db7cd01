// Puts a snapshot together from its parts, within bounds: a controller gone wrong must not take the proxy's
// memory, or a gateway that serves well would die of its configuration. One thread.
#pragma once

#include <optional>
#include <string>

#include "api/base/result.h"
#include "api/snapshot.pb.h"
#include "api/snapshot_bounds.h"

namespace tollgate::snapshot {

struct AssemblyBounds {
  size_t bytes = api::kSnapshotBytes;
  int resources = api::kSnapshotResources;
};

class SnapshotAssembly {
 public:
  explicit SnapshotAssembly(AssemblyBounds bounds = {}) : bounds_(bounds) {}

  // Starts a new one; what was there of another is dropped.
  void Begin(const api::SnapshotBegin& begin);
  // Takes the resources out of `part`. Without a Begin before it, it is dropped: the rest of what broke off.
  void Add(api::SnapshotPart& part);
  // The whole snapshot, or what is wrong with it; nothing where none has begun. Not yet verified.
  std::optional<Result<api::Snapshot>> Finish();
  // The stream broke off.
  void Drop();

  // Of the snapshot that is being put together.
  const std::string& version() const { return snapshot_.version(); }

 private:
  void Refuse(const std::string& what, size_t limit);

  const AssemblyBounds bounds_;
  bool begun_ = false;
  size_t bytes_ = 0;
  std::string fault_;
  api::Snapshot snapshot_;
};

}  // namespace tollgate::snapshot
