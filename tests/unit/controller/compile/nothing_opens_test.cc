// Whatever users write, and however much of it is missing or broken: nobody is let in whom no object lets in,
// nothing that was claimed turns into 404, and no namespace serves another's hosts.
#include <map>
#include <set>

#include "tests/unit/controller/compile/object_soup.h"

namespace tollgate::compile {
namespace {

constexpr unsigned kSeeds = 500;

class NothingOpens : public ::testing::TestWithParam<bool> {
 protected:
  // Compiles the soup of a seed and sorts what comes out.
  void Cook(unsigned seed) {
    store::ResourceStore store;
    for (resource::Object& object : ObjectSoup(seed).Objects()) store.Upsert(std::move(object));
    objects_ = store.objects();
    routes_.clear();
    names_.clear();
    compiled_ = Compile(objects_, {.installation = "tollgate",
                                   .default_installation = true,
                                   .open_hosts = GetParam(),
                                   .secrets_denied_in = {}});
    for (const api::Resource& resource : compiled_.snapshot.resources()) {
      names_.insert({resource.kind(), resource.name()});
      if (resource.kind() != api::ROUTE) continue;
      ASSERT_TRUE(routes_[resource.name()].ParseFromString(resource.body()));
    }
  }
  const resource::GatewayRoute& Source(const std::string& name) const {
    return *objects_.routes.at(NameOf(name));
  }

  store::ObjectSet objects_;
  Compiled compiled_;
  std::map<std::string, api::Route> routes_;
  std::set<std::pair<api::ResourceKind, std::string>> names_;
};

TEST_P(NothingOpens, RouteIsPublicOnlyWhereItsWholeObjectSaysSo) {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    Cook(seed);
    for (const auto& [name, route] : routes_) {
      const resource::GatewayRoute& source = Source(name);
      if (route.access() == api::ACCESS_PUBLIC) {
        ASSERT_EQ(source.access, resource::Access::kPublic) << name << ", seed " << seed;
        ASSERT_TRUE(source.mistakes.empty()) << name << ", seed " << seed;
      } else if (route.access() != api::ACCESS_PLANS) {
        ASSERT_NE(route.broken(), "") << name << ", seed " << seed;
        ASSERT_EQ(route.rules_size(), 0) << name << ", seed " << seed;
      }
    }
  }
}

TEST_P(NothingOpens, WhatARouteNamesIsInTheSnapshot) {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    Cook(seed);
    for (const auto& [name, route] : routes_) {
      for (const std::string& plan : route.plans()) {
        ASSERT_TRUE(names_.contains({api::PLAN, plan})) << plan << ", seed " << seed;
      }
      for (const std::string& certificate : route.tls().certificates()) {
        ASSERT_TRUE(names_.contains({api::CERTIFICATE, certificate})) << certificate << ", seed " << seed;
      }
      for (const api::Rule& rule : route.rules()) {
        const bool answers = !rule.targets().empty() || rule.answer_case() != api::Rule::ANSWER_NOT_SET;
        ASSERT_EQ(rule.broken().empty(), answers) << name << ", seed " << seed;
        for (const api::Target& target : rule.targets()) {
          ASSERT_TRUE(names_.contains({api::UPSTREAM, target.upstream()})) << "seed " << seed;
        }
      }
    }
  }
}

TEST_P(NothingOpens, WhatIsGuardedStaysGuarded) {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    Cook(seed);
    for (const auto& [name, route] : routes_) {
      const std::optional<resource::Security>& asked = Source(name).security;
      ASSERT_EQ(route.has_security(), asked.has_value()) << name << ", seed " << seed;
      if (!asked) continue;
      ASSERT_EQ(static_cast<size_t>(route.security().allow_cidrs_size()), asked->allow_cidrs.size());
      const bool knows_token = !route.security().edge_token().digest().empty();
      ASSERT_TRUE(!asked->edge_token || knows_token || !route.security().broken().empty())
          << name << ", seed " << seed;
      const bool reads_patterns = asked->deny_patterns != std::vector<std::string>{"("};
      ASSERT_TRUE(reads_patterns || !route.broken().empty()) << name << ", seed " << seed;
    }
  }
}

TEST_P(NothingOpens, RoutesOfAHostAgreeOnItsTls) {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    Cook(seed);
    std::map<std::string, std::string> terms;  // by host
    for (const auto& [name, route] : routes_) {
      if (!route.has_tls()) continue;
      const std::string own = route.tls().SerializeAsString();
      std::vector<std::string> hosts(route.hosts().begin(), route.hosts().end());
      if (hosts.empty()) hosts.emplace_back();
      for (const std::string& host : hosts) {
        ASSERT_EQ(terms.emplace(host, own).first->second, own) << host << ", seed " << seed;
      }
    }
  }
}

TEST_P(NothingOpens, RouteThatHoldsAHostAnswersForIt) {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    Cook(seed);
    for (const ObjectVerdict& verdict : compiled_.verdicts) {
      if (verdict.kind != "GatewayRoute" || verdict.hosts.empty()) continue;
      const auto route = routes_.find(verdict.name.ToString());
      ASSERT_NE(route, routes_.end()) << verdict.name.ToString() << ", seed " << seed;
      const size_t rules_read = static_cast<size_t>(route->second.rules_size());
      ASSERT_TRUE(rules_read == Source(route->first).rules.size() || !route->second.broken().empty())
          << "seed " << seed;
    }
  }
}

bool Covers(const std::string& wildcard, const std::string& host) {
  return wildcard.starts_with("*.") && host.size() > wildcard.size() - 1 &&
         host.ends_with(wildcard.substr(1));
}

bool Overlap(const std::string& a, const std::string& b) { return a == b || Covers(a, b) || Covers(b, a); }

class HostsAreOwned : public NothingOpens {};

TEST_P(HostsAreOwned, HostsOfDifferentNamespacesNeverOverlap) {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    Cook(seed);
    std::vector<std::pair<std::string, std::string>> held;  // host, namespace
    for (const auto& [name, route] : routes_) {
      ASSERT_GT(route.hosts_size(), 0) << name << " would stand for every host, seed " << seed;
      for (const std::string& host : route.hosts()) held.emplace_back(host, route.namespace_());
    }
    for (const auto& [host, space] : held) {
      for (const auto& [other_host, other_space] : held) {
        ASSERT_FALSE(space != other_space && Overlap(host, other_host)) << host << " " << other_host;
      }
    }
  }
}

TEST_P(NothingOpens, ConsumersAreOfPlansInTheSnapshotAndNoKeyHasTwoOwnersInOne) {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    Cook(seed);
    std::set<std::pair<std::string, std::string>> keys;  // plan, digest
    for (const api::Resource& resource : compiled_.snapshot.resources()) {
      if (resource.kind() != api::CONSUMER) continue;
      api::Consumer consumer;
      ASSERT_TRUE(consumer.ParseFromString(resource.body()));
      ASSERT_TRUE(names_.contains({api::PLAN, consumer.plan()})) << "seed " << seed;
      for (const api::Credential& credential : consumer.credentials()) {
        ASSERT_TRUE(keys.insert({consumer.plan(), credential.digest()}).second) << "seed " << seed;
      }
    }
  }
}

TEST_P(NothingOpens, EveryObjectOfTheInstallationIsJudged) {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    Cook(seed);
    std::set<std::string> judged;
    for (const ObjectVerdict& verdict : compiled_.verdicts)
      judged.insert(verdict.kind + verdict.name.ToString());
    ASSERT_EQ(judged.size(), compiled_.verdicts.size());
    for (const auto& [name, route] : objects_.routes) {
      const bool ours = route->installation.value_or("tollgate") == "tollgate";
      ASSERT_EQ(judged.contains("GatewayRoute" + name.ToString()), ours) << "seed " << seed;
    }
    ASSERT_TRUE(std::is_sorted(compiled_.verdicts.begin(), compiled_.verdicts.end(),
                               [](const ObjectVerdict& a, const ObjectVerdict& b) {
                                 return std::tie(a.kind, a.name) < std::tie(b.kind, b.name);
                               }));
  }
}

INSTANTIATE_TEST_SUITE_P(WithoutOpenHosts, HostsAreOwned, ::testing::Values(false));
INSTANTIATE_TEST_SUITE_P(HostPolicies, NothingOpens, ::testing::Bool(),
                         [](const auto& policy) { return policy.param ? "Open" : "Owned"; });

}  // namespace
}  // namespace tollgate::compile
