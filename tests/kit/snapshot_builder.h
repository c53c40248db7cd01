// Snapshots written by hand, for what stands below the controller: parts by name, then the catalog that a
// proxy makes of them. One thread.
#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/snapshot/catalog.h"

namespace tollgate::kit {

// Path matches, by what they are in a GatewayRoute.
api::PathMatch Exact(std::string value);
api::PathMatch Prefix(std::string value);
api::PathMatch Template(std::string value);
api::PathMatch Regex(std::string pattern);

// Where a plan looks for keys.
api::KeyLocation InHeader(std::string name);
api::KeyLocation InQuery(std::string name);
api::KeyLocation InCookie(std::string name);

// A rule that serves `path` (all paths where its value is empty) for `methods` (all where there are none). As
// without a retry block, only connections that cannot be made are tried elsewhere.
api::Rule& AddRule(api::Route& route, std::string name, api::PathMatch path = {},
                   std::initializer_list<const char*> methods = {});
api::Target& AddTarget(api::Rule& rule, std::string upstream, uint32_t weight = 1, std::string rewrite = {});

class SnapshotBuilder {
 public:
  // References stay valid. `name` is "namespace/name" throughout.

  // Public, without hosts.
  api::Route& Route(const std::string& name);
  // With the plans that admit.
  api::Route& GuardedRoute(const std::string& name, std::initializer_list<const char*> plans);
  // All operations, keys in X-Api-Key where no location is given.
  api::Plan& Plan(const std::string& name, std::vector<api::KeyLocation> locations = {});
  // A consumer "ada" of plan "market/gold" has the id "market/ada".
  api::Consumer& Consumer(const std::string& plan, const std::string& name,
                          std::initializer_list<std::string_view> keys = {}, int64_t expires_us = 0);
  api::Upstream& Upstream(const std::string& name, std::initializer_list<const char*> addresses = {});

  api::Certificate& Certificate(const std::string& name, std::initializer_list<const char*> names,
                                int64_t expires);

  // How many proxies there are; never called: the snapshot does not say.
  void Proxies(uint32_t count) { settings_.emplace().set_proxies(count); }

  api::Snapshot Seal() const;
  // Fails the test and dies where the snapshot is refused.
  std::shared_ptr<const snapshot::Catalog> Build() const;

 private:
  std::map<std::string, api::Route> routes_;
  std::map<std::string, api::Plan> plans_;
  std::map<std::string, api::Consumer> consumers_;
  std::map<std::string, api::Upstream> upstreams_;
  std::map<std::string, api::Certificate> certificates_;
  std::optional<api::Settings> settings_;
};

// Appends a key of a consumer.
void AddKey(api::Consumer& consumer, std::string_view key, int64_t expires_us = 0);

// The route and the rule of a name in a catalog; dies where it has none.
const snapshot::RouteEntry& RouteNamed(const snapshot::Catalog& catalog, std::string_view name);
const snapshot::RuleEntry& RuleNamed(const snapshot::Catalog& catalog, std::string_view name);

}  // namespace tollgate::kit
