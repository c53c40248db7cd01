// A controller's bytes, and those of the file that a proxy starts from: whatever comes is refused in words,
// or is decoded, and what was decoded holds together and can be routed by.
#include <cstdint>
#include <string>
#include <string_view>

#include "api/base/digest.h"
#include "api/snapshot_hash.h"
#include "proxy/route/route_table.h"
#include "proxy/snapshot/catalog.h"
#include "proxy/snapshot/journal_format.h"
#include "tests/fuzz/require.h"

namespace tollgate::fuzz {
namespace {

void RequireWhole(const snapshot::Catalog& catalog) {
  for (const snapshot::RuleEntry& rule : catalog.rules()) {
    Require(rule.route < catalog.routes().size() && rule.spec != nullptr, "a rule belongs to a route");
    for (const auto upstream : rule.upstreams) {
      Require(upstream < catalog.upstreams().size(), "a target leads somewhere");
    }
  }
  for (const snapshot::RouteEntry& route : catalog.routes()) {
    for (const auto plan : route.plans) Require(plan < catalog.plans().size(), "a route's plans are there");
    for (const auto certificate : route.certificates) {
      Require(certificate < catalog.certificates().size(), "a route's certificates are there");
    }
  }
  for (const snapshot::ConsumerEntry& consumer : catalog.consumers()) {
    Require(consumer.plan < catalog.plans().size(), "a consumer is on a plan");
  }
}

void Check(const api::Snapshot& snapshot) {
  const auto catalog = snapshot::Catalog::Decode(snapshot);
  if (!catalog.ok()) return Require(!catalog.error().message.empty(), "a refusal has a reason");
  RequireWhole(**catalog);
  const route::RouteTable routes(**catalog);
}

// As a controller that is wrong itself would send it.
void SetHashesRight(api::Snapshot& snapshot) {
  snapshot.set_schema(api::kSnapshotSchema);
  for (api::Resource& resource : *snapshot.mutable_resources()) {
    const Sha256Digest hash = Sha256(resource.body());
    resource.set_hash(hash.data(), hash.size());
  }
  api::SealSnapshot(snapshot);
}

void CheckJournal(std::string_view bytes) {
  const auto read = snapshot::DecodeJournal(bytes);
  if (!read.ok()) return Require(!read.error().message.empty(), "a refusal has a reason");
  const auto again = snapshot::DecodeJournal(snapshot::EncodeJournal(*read));
  Require(again.ok() && again->version() == read->version(), "what is written can be read");
  Check(*read);
}

}  // namespace
}  // namespace tollgate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  tollgate::fuzz::CheckJournal({reinterpret_cast<const char*>(data), size});
  tollgate::api::Snapshot snapshot;
  if (!snapshot.ParseFromArray(data, static_cast<int>(size))) return 0;
  tollgate::fuzz::Check(snapshot);
  tollgate::fuzz::SetHashesRight(snapshot);
  tollgate::fuzz::Check(snapshot);
  tollgate::fuzz::CheckJournal(tollgate::snapshot::EncodeJournal(snapshot));
  return 0;
}
