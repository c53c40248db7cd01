#include "api/snapshot_hash.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <array>
#include <vector>

#include "api/base/digest.h"

namespace tollgate::api {
namespace {

void AppendUint32(uint32_t value, std::string& out) {
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(value >> shift & 0xFF);
}

std::string LeafKey(const Resource& resource) {
  std::string key;
  AppendUint32(static_cast<uint32_t>(resource.kind()), key);
  AppendUint32(static_cast<uint32_t>(resource.name().size()), key);
  key += resource.name();
  return key;
}

bool ByKindAndName(const Resource& a, const Resource& b) {
  return a.kind() != b.kind() ? a.kind() < b.kind() : a.name() < b.name();
}

// Most snapshots are sorted already: the check is a fraction of the sort.
template <class Iterator>
void Sort(Iterator begin, Iterator end) {
  const auto before = [](const Resource* a, const Resource* b) { return ByKindAndName(*a, *b); };
  if (!std::is_sorted(begin, end, before)) std::sort(begin, end, before);
}

std::string Describe(const Resource& resource) {
  return ResourceKind_Name(resource.kind()) + " \"" + resource.name() + "\"";
}

}  // namespace

Resource MakeResource(ResourceKind kind, std::string name, const google::protobuf::MessageLite& body) {
  Resource resource;
  resource.set_kind(kind);
  resource.set_name(std::move(name));
  {
    google::protobuf::io::StringOutputStream sink(resource.mutable_body());
    google::protobuf::io::CodedOutputStream coded(&sink);
    coded.SetSerializationDeterministic(true);
    body.SerializeToCodedStream(&coded);
  }
  resource.set_hash(std::string(AsBytes(Sha256(resource.body()))));
  return resource;
}

std::string SnapshotVersion(const google::protobuf::RepeatedPtrField<Resource>& resources) {
  std::vector<const Resource*> sorted;
  sorted.reserve(static_cast<size_t>(resources.size()));
  for (const Resource& resource : resources) sorted.push_back(&resource);
  Sort(sorted.begin(), sorted.end());
  std::array<std::string, 256> leaves;
  for (const Resource* resource : sorted) {
    const std::string key = LeafKey(*resource);
    std::string& bucket = leaves[Sha256(key)[0]];
    bucket += key;
    bucket += resource->hash();
  }
  std::string buckets;
  buckets.reserve(leaves.size() * sizeof(Sha256Digest));
  for (const std::string& bucket : leaves) buckets += AsBytes(Sha256(bucket));
  return std::string(AsBytes(Sha256(buckets)));
}

void SealSnapshot(Snapshot& snapshot) {
  Sort(snapshot.mutable_resources()->pointer_begin(), snapshot.mutable_resources()->pointer_end());
  snapshot.set_version(SnapshotVersion(snapshot.resources()));
}

Status<> VerifySnapshot(const Snapshot& snapshot) {
  if (snapshot.schema() == 0 || snapshot.schema() > kSnapshotSchema) {
    return Fault{"the snapshot has schema " + std::to_string(snapshot.schema()) +
                 ", this proxy reads up to " + std::to_string(kSnapshotSchema) +
                 ": upgrade the proxies to the controller's release"};
  }
  const Resource* previous = nullptr;
  for (const Resource& resource : snapshot.resources()) {
    if (previous != nullptr && !ByKindAndName(*previous, resource)) {
      return Fault{"the snapshot's resources are not sorted or not distinct at " + Describe(resource)};
    }
    if (resource.hash() != AsBytes(Sha256(resource.body()))) {
      return Fault{"the content of " + Describe(resource) + " does not match its hash"};
    }
    previous = &resource;
  }
  if (snapshot.version() != SnapshotVersion(snapshot.resources())) {
    return Fault{"the snapshot's resources do not add up to its version"};
  }
  return Done{};
}

}  // namespace tollgate::api
