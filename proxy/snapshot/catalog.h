// A snapshot taken apart into typed messages, with dense numbers for its rules, plans, consumers and
// upstreams: each stage builds its own table over these and looks up by number while serving.
// Immutable once made; any thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "api/base/result.h"
#include "api/snapshot.pb.h"

namespace tollgate::snapshot {

using RouteIndex = uint32_t;
using RuleIndex = uint32_t;
using PlanIndex = uint32_t;
using ConsumerIndex = uint32_t;
using UpstreamIndex = uint32_t;
using CertificateIndex = uint32_t;

// A rule with what its names refer to.
struct RuleEntry {
  RouteIndex route;
  const api::Rule* spec;
  std::vector<UpstreamIndex> upstreams;  // of its targets, in order
};

struct RouteEntry {
  std::string name;  // "namespace/name"
  api::Route spec;
  std::vector<PlanIndex> plans;
  std::vector<CertificateIndex> certificates;  // of its TLS, in order
};

struct PlanEntry {
  std::string name;  // "namespace/name"
  api::Plan spec;
};

struct ConsumerEntry {
  PlanIndex plan;
  api::Consumer spec;
};

struct UpstreamEntry {
  std::string name;  // "namespace/service:port"
  api::Upstream spec;
};

struct CertificateEntry {
  std::string name;  // "namespace/name" of its Secret
  std::string hash;  // of its content
  api::Certificate spec;
};

class Catalog {
 public:
  // Verifies the snapshot (api::VerifySnapshot), decodes every resource and resolves every name. A proxy
  // refuses the whole of what does not decode or resolve, and says why.
  static Result<std::shared_ptr<const Catalog>> Decode(const api::Snapshot& snapshot);

  Catalog(const Catalog&) = delete;  // rules point into routes
  Catalog& operator=(const Catalog&) = delete;

  const std::string& version() const { return version_; }  // 32 bytes
  const std::string& installation() const { return installation_; }
  // How many proxies the load is shared by, as far as the controller knows: at least 1.
  uint32_t proxies() const { return std::max<uint32_t>(1, settings_.proxies()); }
  const std::vector<RouteEntry>& routes() const { return routes_; }
  const std::vector<RuleEntry>& rules() const { return rules_; }
  const std::vector<PlanEntry>& plans() const { return plans_; }
  const std::vector<ConsumerEntry>& consumers() const { return consumers_; }
  const std::vector<UpstreamEntry>& upstreams() const { return upstreams_; }
  const std::vector<CertificateEntry>& certificates() const { return certificates_; }

 private:
  Catalog() = default;
  Status<> Add(const api::Resource& resource);
  Status<> Resolve();

  std::string version_;
  std::string installation_;
  api::Settings settings_;
  std::vector<RouteEntry> routes_;
  std::vector<RuleEntry> rules_;
  std::vector<PlanEntry> plans_;
  std::vector<ConsumerEntry> consumers_;
  std::vector<UpstreamEntry> upstreams_;
  std::vector<CertificateEntry> certificates_;
};

}  // namespace tollgate::snapshot
