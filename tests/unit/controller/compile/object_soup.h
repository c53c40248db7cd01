// Random objects that name, contradict and miss each other, for properties that hold whatever users write.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "tests/unit/controller/compile/objects.h"

namespace tollgate::compile {

class ObjectSoup {
 public:
  explicit ObjectSoup(unsigned seed) : random_(seed) {}

  // Each name at most once a kind, in random order.
  std::vector<resource::Object> Objects() {
    std::vector<resource::Object> objects;
    for (const std::string space : {"market", "rival"}) {
      for (const std::string name : {"a", "b", "c"}) {
        if (OneIn(4)) continue;
        objects.push_back(Route(space + "/" + name));
        objects.push_back(Plan(space + "/" + name));
        objects.push_back(Secret(space + "/" + name));
        objects.push_back(EdgeSecret(space + "/" + name));
        objects.push_back(Certificate(space + "/" + name));
        objects.push_back(Service(space + "/" + name));
        objects.push_back(Slice(space + "/" + name));
      }
    }
    Shuffle(objects);
    return objects;
  }

  template <class T>
  void Shuffle(std::vector<T>& items) {
    std::shuffle(items.begin(), items.end(), random_);
  }

  bool OneIn(int n) { return std::uniform_int_distribution<int>(1, n)(random_) == 1; }

 private:
  std::string OneOf(const std::vector<std::string>& choices) {
    return choices[std::uniform_int_distribution<size_t>(0, choices.size() - 1)(random_)];
  }
  int64_t Age() { return std::uniform_int_distribution<int64_t>(0, 2)(random_); }
  std::optional<std::string> Installation() {
    return OneIn(2) ? std::nullopt : std::optional(OneOf({"tollgate", "tollgate", "elsewhere"}));
  }
  std::vector<resource::Mistake> Mistakes(const std::vector<std::string>& fields) {
    if (!OneIn(4)) return {};
    return {{OneOf(fields), "is wrong: mend it"}};
  }

  resource::Rule Rule() {
    resource::Rule rule = MakeRule(OneOf({"r", "s"}), OneOf({"/v1", "/%7e", "/%zz", "/a/../b"}));
    rule.targets = {ToService(OneOf({"a", "b", "missing"}), OneOf({"http", "grpc"}))};
    if (OneIn(3)) rule.targets.push_back(ToService(OneOf({"a", "c"}), 80));
    if (OneIn(5)) rule.redirect.emplace().host = "elsewhere.com";
    if (OneIn(5)) rule.respond.emplace();
    rule.mistakes = Mistakes({"spec.rules[0].cache"});
    rule.matches_readable = rule.mistakes.empty() || OneIn(2);
    return rule;
  }

  resource::GatewayRoute Route(const std::string& name) {
    resource::GatewayRoute route = MakeRoute(name, Age());
    route.installation = Installation();
    route.access = OneIn(3) ? resource::Access::kPublic : resource::Access::kPlans;
    route.hosts.clear();
    while (!OneIn(3)) route.hosts.push_back(OneOf({"a.com", "x.a.com", "*.a.com", "*.x.a.com", "b.com"}));
    route.plans.clear();
    while (!OneIn(3)) route.plans.push_back(OneOf({"a", "b", "c", "missing"}));
    route.rules.clear();
    while (!OneIn(4)) route.rules.push_back(Rule());
    if (OneIn(2)) route.tls = Tls();
    if (OneIn(3)) route.security = Security();
    route.mistakes = Mistakes({"spec.access", "spec.plans", "spec.hosts", "spec.tls.minVersion", "spec"});
    return route;
  }

  resource::Security Security() {
    resource::Security security;
    if (OneIn(2)) security.allow_cidrs.push_back(*Cidr::Parse("10.0.0.0/8"));
    if (OneIn(3)) security.deny_patterns = {OneOf({"/a", "("})};
    if (OneIn(2)) {
      security.edge_token =
          resource::EdgeToken{"X-Edge", OneOf({"a", "b", "missing"}), OneOf({"token", "other"})};
    }
    return security;
  }

  resource::OpaqueSecret EdgeSecret(const std::string& name) {
    resource::OpaqueSecret secret;
    secret.meta = Meta(name, Age());
    if (OneIn(2)) secret.digests["token"] = Sha256(OneOf({"one", "two"}));
    return secret;
  }

  resource::RouteTls Tls() {
    resource::RouteTls tls;
    while (tls.certificates.empty() || OneIn(3)) tls.certificates.push_back(OneOf({"a", "b", "missing"}));
    if (OneIn(3)) tls.min_version = resource::TlsVersion::k13;
    tls.redirect_plain_http = OneIn(4);
    return tls;
  }

  resource::TlsSecret Certificate(const std::string& name) {
    resource::TlsSecret secret;
    secret.meta = Meta(name, Age());
    if (OneIn(4)) {
      secret.fault = "is broken: mend it";
      return secret;
    }
    secret.chain = "chain of " + name;
    secret.key = "key of " + name;
    secret.names = {OneOf({"a.com", "*.a.com"})};
    secret.expires = Age();
    return secret;
  }

  resource::ApiPlan Plan(const std::string& name) {
    resource::ApiPlan plan = MakePlan(name);
    plan.installation = Installation();
    plan.mistakes = Mistakes({"spec.quota"});
    if (OneIn(2)) {
      plan.rate_limits = {
          {.name = "burst", .requests = 5, .per = std::chrono::seconds(1), .burst = {}, .scope = {}}};
    }
    if (OneIn(2)) plan.quota = resource::Quota();
    return plan;
  }

  resource::ConsumerSecret Secret(const std::string& name) {
    resource::ConsumerSecret secret = MakeSecret(name, OneOf({"a", "b", "missing"}), {}, Age());
    while (!OneIn(3)) {
      secret.entries.push_back(MakeEntry(OneOf({"alice", "bob"}), {OneOf({"k1", "k2", "k3"})}));
      secret.entries.back().suspended = OneIn(3);
      secret.entries.back().group = OneOf({"", "staff"});
      if (OneIn(2)) secret.entries.back().limits = {{"burst", 7}};
      if (OneIn(2)) secret.entries.back().credits = 9;
    }
    return secret;
  }

  resource::Service Service(const std::string& name) {
    resource::Service service = MakeService(name);
    service.is_external_name = OneIn(5);
    return service;
  }

  resource::EndpointSlice Slice(const std::string& name) {
    resource::EndpointSlice slice = MakeSlice(name, OneOf({"a", "b", "c"}), {});
    while (!OneIn(3)) {
      slice.endpoints.push_back(At(OneOf({"10.0.0.1", "10.0.0.2", "10.0.0.3"})));
      slice.endpoints.back().ready = !OneIn(3);
      slice.endpoints.back().terminating = OneIn(3);
    }
    return slice;
  }

  std::mt19937 random_;
};

}  // namespace tollgate::compile
