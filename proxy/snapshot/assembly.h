// Puts a snapshot together from its parts, within bounds: a controller gone wrong must not take the proxy's
// memory, or a gateway that serves well would die of its configuration. One thread.
#pragma once

#include <optional>
#include <string>

#include "api/base/result.h"
#include "api/snapshot.pb.h"

namespace tollgate::snapshot {

// A hundred thousand consumers take about 30 MB: far above what is sold as large, far below what a pod has.
struct AssemblyBounds {
  size_t bytes = size_t{256} << 20;
  int resources = 1'000'000;
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
