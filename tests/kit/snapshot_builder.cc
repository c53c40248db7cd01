#include "tests/kit/snapshot_builder.h"

#include <cstdio>
#include <cstdlib>

#include "api/base/digest.h"
#include "api/snapshot_hash.h"

namespace tollgate::kit {
namespace {

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::abort();
}

api::PathMatch Path(api::PathMatch::Type type, std::string value) {
  api::PathMatch path;
  path.set_type(type);
  path.set_value(std::move(value));
  return path;
}

api::KeyLocation Location(api::KeyLocation::Type type, std::string name) {
  api::KeyLocation location;
  location.set_type(type);
  location.set_name(std::move(name));
  return location;
}

// Sets what every named part has.
template <class Message>
Message& Named(std::map<std::string, Message>& parts, const std::string& name) {
  Message& part = parts[name];
  const size_t slash = name.find('/');
  part.set_namespace_(name.substr(0, slash));
  part.set_name(name.substr(slash + 1));
  return part;
}

template <class Message>
void Append(api::ResourceKind kind, const std::map<std::string, Message>& parts, api::Snapshot& snapshot) {
  for (const auto& [name, part] : parts) *snapshot.add_resources() = api::MakeResource(kind, name, part);
}

}  // namespace

api::PathMatch Exact(std::string value) { return Path(api::PathMatch::EXACT, std::move(value)); }
api::PathMatch Prefix(std::string value) { return Path(api::PathMatch::PREFIX, std::move(value)); }
api::PathMatch Template(std::string value) { return Path(api::PathMatch::TEMPLATE, std::move(value)); }
api::PathMatch Regex(std::string pattern) { return Path(api::PathMatch::REGEX, std::move(pattern)); }

api::KeyLocation InHeader(std::string name) { return Location(api::KeyLocation::HEADER, std::move(name)); }
api::KeyLocation InQuery(std::string name) { return Location(api::KeyLocation::QUERY, std::move(name)); }
api::KeyLocation InCookie(std::string name) { return Location(api::KeyLocation::COOKIE, std::move(name)); }

api::Rule& AddRule(api::Route& route, std::string name, api::PathMatch path,
                   std::initializer_list<const char*> methods) {
  api::Rule& rule = *route.add_rules();
  rule.set_operation(name);
  rule.set_name(std::move(name));
  api::Match& match = *rule.add_matches();
  for (const char* method : methods) match.add_methods(method);
  if (!path.value().empty()) *match.mutable_path() = std::move(path);
  rule.mutable_retry()->set_attempts(2);
  rule.mutable_retry()->set_connect_failure(true);
  return rule;
}

api::Target& AddTarget(api::Rule& rule, std::string upstream, uint32_t weight, std::string rewrite) {
  api::Target& target = *rule.add_targets();
  target.set_upstream(std::move(upstream));
  target.set_weight(weight);
  target.set_rewrite_path(std::move(rewrite));
  return target;
}

void AddKey(api::Consumer& consumer, std::string_view key, int64_t expires_us) {
  api::Credential& credential = *consumer.add_credentials();
  credential.set_digest(std::string(AsBytes(Sha256(key))));
  credential.set_expires_us(expires_us);
}

api::Route& SnapshotBuilder::Route(const std::string& name) {
  api::Route& route = Named(routes_, name);
  route.set_access(api::ACCESS_PUBLIC);
  return route;
}

api::Route& SnapshotBuilder::GuardedRoute(const std::string& name, std::initializer_list<const char*> plans) {
  api::Route& route = Named(routes_, name);
  route.set_access(api::ACCESS_PLANS);
  for (const char* plan : plans) route.add_plans(plan);
  return route;
}

api::Plan& SnapshotBuilder::Plan(const std::string& name, std::vector<api::KeyLocation> locations) {
  api::Plan& plan = Named(plans_, name);
  if (locations.empty()) locations.push_back(InHeader("x-api-key"));
  for (api::KeyLocation& location : locations) *plan.add_key_locations() = std::move(location);
  plan.set_allow_all_operations(true);
  return plan;
}

api::Consumer& SnapshotBuilder::Consumer(const std::string& plan, const std::string& name,
                                         std::initializer_list<std::string_view> keys, int64_t expires_us) {
  api::Consumer& consumer = consumers_[plan + "/" + name];
  consumer.set_id(plan.substr(0, plan.find('/')) + "/" + name);
  consumer.set_plan(plan);
  for (const std::string_view key : keys) AddKey(consumer, key, expires_us);
  return consumer;
}

api::Upstream& SnapshotBuilder::Upstream(const std::string& name,
                                         std::initializer_list<const char*> addresses) {
  api::Upstream& upstream = upstreams_[name];
  for (const char* address : addresses) {
    api::Endpoint& endpoint = *upstream.add_endpoints();
    endpoint.set_address(address);
    endpoint.set_port(80);
  }
  return upstream;
}

api::Certificate& SnapshotBuilder::Certificate(const std::string& name,
                                               std::initializer_list<const char*> names, int64_t expires) {
  api::Certificate& certificate = certificates_[name];
  for (const char* host : names) certificate.add_names(host);
  certificate.set_expires(expires);
  return certificate;
}

api::Snapshot SnapshotBuilder::Seal() const {
  api::Snapshot snapshot;
  snapshot.set_schema(api::kSnapshotSchema);
  snapshot.set_installation("tollgate");
  Append(api::ROUTE, routes_, snapshot);
  Append(api::PLAN, plans_, snapshot);
  Append(api::CONSUMER, consumers_, snapshot);
  Append(api::UPSTREAM, upstreams_, snapshot);
  Append(api::CERTIFICATE, certificates_, snapshot);
  if (settings_) {
    *snapshot.add_resources() = api::MakeResource(api::SETTINGS, api::kSettingsName, *settings_);
  }
  api::SealSnapshot(snapshot);
  return snapshot;
}

std::shared_ptr<const snapshot::Catalog> SnapshotBuilder::Build() const {
  auto catalog = snapshot::Catalog::Decode(Seal());
  if (!catalog.ok()) Die(catalog.error().message);
  return *catalog;
}

const snapshot::RouteEntry& RouteNamed(const snapshot::Catalog& catalog, std::string_view name) {
  for (const snapshot::RouteEntry& route : catalog.routes()) {
    if (route.name == name) return route;
  }
  Die("no route " + std::string(name));
}

const snapshot::RuleEntry& RuleNamed(const snapshot::Catalog& catalog, std::string_view name) {
  for (const snapshot::RuleEntry& rule : catalog.rules()) {
    if (rule.spec->name() == name) return rule;
  }
  Die("no rule " + std::string(name));
}

}  // namespace tollgate::kit
