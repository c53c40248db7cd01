#include "proxy/snapshot/assembly.h"

#include <utility>

namespace tollgate::snapshot {

void SnapshotAssembly::Begin(const api::SnapshotBegin& begin) {
  Drop();
  begun_ = true;
  snapshot_.set_schema(begin.schema());
  snapshot_.set_installation(begin.installation());
  snapshot_.set_version(begin.version());
}

void SnapshotAssembly::Add(api::SnapshotPart& part) {
  if (!begun_ || !fault_.empty()) return;
  bytes_ += part.ByteSizeLong();
  if (bytes_ > bounds_.bytes) return Refuse("bytes", bounds_.bytes);
  if (snapshot_.resources_size() + part.resources_size() > bounds_.resources) {
    return Refuse("resources", static_cast<size_t>(bounds_.resources));
  }
  for (api::Resource& resource : *part.mutable_resources()) {
    *snapshot_.add_resources() = std::move(resource);
  }
}

void SnapshotAssembly::Refuse(const std::string& what, size_t limit) {
  fault_ = "the snapshot has more than " + std::to_string(limit) + " " + what +
           ", as many as a proxy takes; divide the objects among several installations";
  snapshot_.clear_resources();
}

std::optional<Result<api::Snapshot>> SnapshotAssembly::Finish() {
  if (!begun_) return std::nullopt;
  begun_ = false;
  if (!fault_.empty()) return Fault{fault_};
  return std::exchange(snapshot_, {});
}

void SnapshotAssembly::Drop() {
  begun_ = false;
  bytes_ = 0;
  fault_.clear();
  snapshot_ = {};
}

}  // namespace tollgate::snapshot
