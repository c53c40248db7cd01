// Snapshots for tests: whole and verifiable, of any size, each other than the next.
#pragma once

#include <memory>
#include <string>

#include "api/base/digest.h"
#include "api/snapshot_hash.h"

namespace tollgate::push {

inline constexpr char kInstallation[] = "shop";

// Bytes that no compression or luck makes equal to another seed's.
inline std::string Noise(uint64_t seed, size_t bytes) {
  std::string noise(bytes, '\0');
  for (size_t i = 0; i < bytes; ++i) {
    if (i % 8 == 0) seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    noise[i] = static_cast<char>(seed >> (8 * (i % 8)));
  }
  return noise;
}

inline api::Resource MakeOpaque(const std::string& name, std::string body) {
  api::Resource resource;
  resource.set_kind(api::UPSTREAM);
  resource.set_name(name);
  resource.set_hash(std::string(AsBytes(Sha256(body))));
  resource.set_body(std::move(body));
  return resource;
}

struct SnapshotShape {
  int resources = 3;
  size_t bytes_each = 100;
  uint32_t schema = api::kSnapshotSchema;
  std::string installation = kInstallation;
};

inline std::shared_ptr<api::Snapshot> MakeSnapshot(uint64_t seed, const SnapshotShape& shape = {}) {
  auto snapshot = std::make_shared<api::Snapshot>();
  snapshot->set_schema(shape.schema);
  snapshot->set_installation(shape.installation);
  for (int i = 0; i < shape.resources; ++i) {
    *snapshot->add_resources() =
        MakeOpaque("shop/service-" + std::to_string(i) + ":80",
                   Noise(seed * 1'000'003 + static_cast<uint64_t>(i), shape.bytes_each));
  }
  api::SealSnapshot(*snapshot);
  return snapshot;
}

}  // namespace tollgate::push
