#include "controller/publish/snapshot_frames.h"

#include "api/push_terms.h"

namespace tollgate::publish {
namespace {

// What a message and a part take around their resources, and a resource around its bytes: tags and lengths.
constexpr size_t kMessageOverhead = 16;
constexpr size_t kResourceOverhead = 8;

size_t CarriedSize(const api::Resource& resource) { return resource.ByteSizeLong() + kResourceOverhead; }

}  // namespace

Result<std::shared_ptr<const SnapshotFrames>> SnapshotFrames::Make(const api::Snapshot& snapshot) {
  for (const api::Resource& resource : snapshot.resources()) {
    if (CarriedSize(resource) + kMessageOverhead > api::kPushMessageBytes) {
      return Fault{"the snapshot cannot be sent: " + api::ResourceKind_Name(resource.kind()) + " \"" +
                   resource.name() + "\" takes " + std::to_string(resource.body().size()) +
                   " bytes, a message carries " + std::to_string(api::kPushMessageBytes) +
                   "; split the object"};
    }
  }
  std::shared_ptr<SnapshotFrames> frames(new SnapshotFrames);
  frames->schema_ = snapshot.schema();
  frames->version_ = snapshot.version();
  api::ControllerMessage begin;
  begin.mutable_begin()->set_schema(snapshot.schema());
  begin.mutable_begin()->set_installation(snapshot.installation());
  begin.mutable_begin()->set_version(snapshot.version());
  frames->messages_.push_back(begin.SerializeAsString());
  frames->AddParts(snapshot);
  api::ControllerMessage end;
  end.mutable_end();
  frames->messages_.push_back(end.SerializeAsString());
  return std::shared_ptr<const SnapshotFrames>(std::move(frames));
}

void SnapshotFrames::AddParts(const api::Snapshot& snapshot) {
  api::ControllerMessage message;
  size_t size = kMessageOverhead;
  for (const api::Resource& resource : snapshot.resources()) {
    const size_t carried = CarriedSize(resource);
    if (message.part().resources_size() > 0 && size + carried > api::kPushPartBytes) {
      messages_.push_back(message.SerializeAsString());
      message.Clear();
      size = kMessageOverhead;
    }
    *message.mutable_part()->add_resources() = resource;
    size += carried;
  }
  if (message.part().resources_size() > 0) messages_.push_back(message.SerializeAsString());
}

}  // namespace tollgate::publish
