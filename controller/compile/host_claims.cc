#include "controller/compile/host_claims.h"

#include <set>
#include <string_view>

#include "controller/compile/seniority.h"
#include "controller/compile/text.h"

namespace tollgate::compile {
namespace {

struct Claim {
  std::string host;
  std::string space;
};

// Hosts are kept back to front ("moc.elpmaxe.ipa"), so that all names under a wildcard stand together.
std::string Reversed(std::string_view host) { return {host.rbegin(), host.rend()}; }

bool IsWildcard(std::string_view host) { return host.starts_with("*."); }

// The claims that stand. Claims of different namespaces never overlap.
class ClaimBook {
 public:
  // The claim of another namespace that overlaps `host`; null where there is none.
  const Claim* Conflict(const std::string& host, const std::string& space) const {
    if (const Claim* wider = Covering(host)) return wider->space == space ? nullptr : wider;
    return IsWildcard(host) ? ForeignUnder(host, space) : nullptr;
  }

  void Add(const std::string& host, const std::string& space) {
    claims_.try_emplace(Reversed(host), Claim{host, space});
  }

 private:
  const Claim* Find(const std::string& host) const {
    const auto found = claims_.find(Reversed(host));
    return found == claims_.end() ? nullptr : &found->second;
  }

  // The claim on the host itself, or on a wildcard above it.
  const Claim* Covering(const std::string& host) const {
    if (const Claim* same = Find(host)) return same;
    for (size_t dot = host.find('.'); dot != std::string::npos; dot = host.find('.', dot + 1)) {
      if (const Claim* wider = Find("*" + host.substr(dot))) return wider;
    }
    return nullptr;
  }

  const Claim* ForeignUnder(const std::string& wildcard, const std::string& space) const {
    const std::string prefix = Reversed(std::string_view(wildcard).substr(1));
    for (auto at = claims_.lower_bound(prefix); at != claims_.end() && at->first.starts_with(prefix); ++at) {
      if (at->second.space != space) return &at->second;
    }
    return nullptr;
  }

  std::map<std::string, Claim> claims_;
};

// In lower case, since the hosts of a broken object were not checked for it.
std::set<std::string> DistinctHosts(const resource::GatewayRoute& route) {
  std::set<std::string> hosts;
  for (const std::string& host : route.hosts) hosts.insert(LowerCase(host));
  return hosts;
}

RouteHosts ClaimHostsOf(const resource::GatewayRoute& route, ClaimBook& book) {
  const std::string& space = route.meta.name.space;
  RouteHosts result;
  for (const std::string& host : DistinctHosts(route)) {
    if (const Claim* claim = book.Conflict(host, space)) {
      result.lost.push_back({host, claim->space, claim->host});
    } else {
      book.Add(host, space);
      result.held.push_back(host);
    }
  }
  return result;
}

}  // namespace

HostClaims ClaimHosts(const store::ObjectMap<resource::GatewayRoute>& routes, bool open_hosts) {
  HostClaims claims;
  ClaimBook book;
  for (const resource::GatewayRoute* route : OldestFirst(routes)) {
    RouteHosts& hosts = claims[route->meta.name];
    if (open_hosts) {
      const std::set<std::string> named = DistinctHosts(*route);
      hosts.held.assign(named.begin(), named.end());
    } else {
      hosts = ClaimHostsOf(*route, book);
    }
  }
  return claims;
}

}  // namespace tollgate::compile
