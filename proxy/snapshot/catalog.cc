#include "proxy/snapshot/catalog.h"

#include "api/snapshot_hash.h"

namespace tollgate::snapshot {
namespace {

using NameTable = std::unordered_map<std::string_view, uint32_t>;

template <class Entry>
NameTable NumberByName(const std::vector<Entry>& entries) {
  NameTable table;
  table.reserve(entries.size());
  for (uint32_t i = 0; i < entries.size(); ++i) table.emplace(entries[i].name, i);
  return table;
}

Fault Unresolved(const std::string& who, std::string_view what, const std::string& name) {
  return {who + " names the " + std::string(what) + " \"" + name + "\", which the snapshot does not hold"};
}

// The number of `name`; false where there is none.
bool Find(const NameTable& table, const std::string& name, uint32_t& index) {
  const auto found = table.find(name);
  if (found == table.end()) return false;
  index = found->second;
  return true;
}

}  // namespace

Result<std::shared_ptr<const Catalog>> Catalog::Decode(const api::Snapshot& snapshot) {
  if (const Status<> verified = api::VerifySnapshot(snapshot); !verified) return verified.error();
  std::shared_ptr<Catalog> catalog(new Catalog);
  catalog->version_ = snapshot.version();
  catalog->installation_ = snapshot.installation();
  for (const api::Resource& resource : snapshot.resources()) {
    if (const Status<> added = catalog->Add(resource); !added) return added.error();
  }
  if (const Status<> resolved = catalog->Resolve(); !resolved) return resolved.error();
  return std::shared_ptr<const Catalog>(std::move(catalog));
}

Status<> Catalog::Add(const api::Resource& resource) {
  bool parsed = false;
  switch (resource.kind()) {
    case api::ROUTE:
      routes_.push_back({resource.name(), {}, {}, {}});
      parsed = routes_.back().spec.ParseFromString(resource.body());
      break;
    case api::PLAN:
      plans_.push_back({resource.name(), {}});
      parsed = plans_.back().spec.ParseFromString(resource.body());
      break;
    case api::CONSUMER:
      consumers_.push_back({0, {}});
      parsed = consumers_.back().spec.ParseFromString(resource.body());
      break;
    case api::UPSTREAM:
      upstreams_.push_back({resource.name(), {}});
      parsed = upstreams_.back().spec.ParseFromString(resource.body());
      break;
    case api::CERTIFICATE:
      certificates_.push_back({resource.name(), resource.hash(), {}});
      parsed = certificates_.back().spec.ParseFromString(resource.body());
      break;
    case api::SETTINGS: parsed = settings_.ParseFromString(resource.body()); break;
    default: break;
  }
  if (parsed) return Done{};
  return Fault{"the snapshot's resource \"" + resource.name() + "\" of kind " +
               std::to_string(resource.kind()) + " cannot be decoded"};
}

Status<> Catalog::Resolve() {
  const NameTable plans = NumberByName(plans_);
  const NameTable upstreams = NumberByName(upstreams_);
  const NameTable certificates = NumberByName(certificates_);
  for (ConsumerEntry& consumer : consumers_) {
    if (!Find(plans, consumer.spec.plan(), consumer.plan)) {
      return Unresolved("consumer \"" + consumer.spec.id() + "\"", "plan", consumer.spec.plan());
    }
  }
  for (RouteIndex r = 0; r < routes_.size(); ++r) {
    RouteEntry& route = routes_[r];
    for (const std::string& name : route.spec.plans()) {
      if (!Find(plans, name, route.plans.emplace_back())) {
        return Unresolved("route \"" + route.name + "\"", "plan", name);
      }
    }
    for (const std::string& name : route.spec.tls().certificates()) {
      if (!Find(certificates, name, route.certificates.emplace_back())) {
        return Unresolved("route \"" + route.name + "\"", "certificate", name);
      }
    }
    for (const api::Rule& rule : route.spec.rules()) {
      RuleEntry& entry = rules_.emplace_back(RuleEntry{r, &rule, {}});
      if (!rule.broken().empty()) continue;
      for (const api::Target& target : rule.targets()) {
        if (!Find(upstreams, target.upstream(), entry.upstreams.emplace_back())) {
          return Unresolved("rule \"" + rule.name() + "\" of route \"" + route.name + "\"", "upstream",
                            target.upstream());
        }
        const std::string& shown = target.tls().client_certificate();
        if (!shown.empty() && !certificates.contains(shown)) {
          return Unresolved("rule \"" + rule.name() + "\" of route \"" + route.name + "\"", "certificate",
                            shown);
        }
      }
    }
  }
  return Done{};
}

}  // namespace tollgate::snapshot
