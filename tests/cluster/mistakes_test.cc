// A user's mistake, each: what its condition says, what callers of the broken part are told, and that all
// else goes on being served.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "api/base/digest.h"
#include "tests/cluster/gateway_case.h"
#include "tests/kit/eventually.h"

namespace tollgate::cluster {
namespace {

using testing::HasSubstr;
using testing::Not;

// A request and the answer to it: a status, and the problem's name where it is one.
struct Call {
  std::string host;
  std::string path;
  std::string key;
  int status;
  std::string problem = {};
};

struct Mistake {
  std::string name;
  std::string manifests;
  std::string object;  // "gatewayroute market/half"
  std::string type;
  std::string says;                // "False/RefNotFound"
  std::vector<std::string> parts;  // of its message: the field, the reason, the remedy
  std::vector<Call> broken;
  std::vector<Call> siblings;  // 200
};

// What googletest prints of it.
void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.name; }

const std::string kGoodKey = "a-good-key-of-a-mistaken-plan";
const std::string kTypoKey = "a-mistyped-key-of-a-mistaken-plan";

std::string Digest(const std::string& key) { return "sha256:" + ToHex(AsBytes(Sha256(key))); }

// A plan, its Secret with these entries (name: "lines"), and a route to try it at NAME.example.
std::string PlanWithEntries(const std::string& name, const std::string& entries) {
  std::string secret = Secret(name, name, "");
  const size_t data = secret.find("stringData: {");
  secret.replace(data, secret.rfind("---") - data, "stringData: {" + entries + "}\n");
  return Plan(name) + secret + Route(name, name + ".example", "/", "quotes", "market", name);
}

// A route with a rule for /good and a second one for /lost, whose target is written here.
std::string TwoRules(const std::string& name, const std::string& service_ref) {
  std::string route = Route(name, name + ".example", "/good");
  route.insert(route.rfind("---"), R"(  - name: lost
    matches: [{path: {type: Prefix, value: /lost}}]
    upstream: {targets: [{type: Service, serviceRef: )" +
                                       service_ref + "}]}\n");
  return route;
}

std::string ServiceText(const std::string& name, const std::string& spec) {
  return "\napiVersion: v1\nkind: Service\nmetadata: {name: " + name + ", namespace: market}\nspec: " + spec +
         "\n---";
}

std::string WithPlans(std::string route, const std::string& plans) {
  const size_t at = route.find("  plans: [");
  return route.replace(at, route.find('\n', at) - at, plans);
}

std::vector<Mistake> OfReferences() {
  const std::string target = "spec.rules[1].upstream.targets[0].serviceRef";
  const auto lost = [](const std::string& name, int status, const std::string& problem) {
    return std::vector<Call>{{name + ".example", "/lost", kKey, status, problem}};
  };
  const auto good = [](const std::string& name) {
    return std::vector<Call>{{name + ".example", "/good", kKey, 200}, {kHost, "/v1/x", kKey, 200}};
  };
  return {
      {"NoService",
       TwoRules("noservice", "{name: nowhere, port: http}"),
       "gatewayroute market/noservice",
       "ResolvedRefs",
       "False/RefNotFound",
       {target, "Service market/nowhere does not exist", "create it, or name another Service"},
       lost("noservice", 500, "rule-broken"),
       good("noservice")},
      {"NoPort",
       TwoRules("noport", "{name: quotes, port: grpc}"),
       "gatewayroute market/noport",
       "ResolvedRefs",
       "False/RefNotFound",
       {target, "Service market/quotes has no port named \"grpc\"", "name one of its ports (80 \"http\")"},
       lost("noport", 500, "rule-broken"),
       good("noport")},
      {"ExternalName",
       ServiceText("outside", "{type: ExternalName, externalName: outside.example}") +
           TwoRules("external", "{name: outside, port: 80}"),
       "gatewayroute market/external",
       "ResolvedRefs",
       "False/RefNotPermitted",
       {target, "of type ExternalName", "name a Service that has endpoints"},
       lost("external", 500, "rule-broken"),
       good("external")},
      {"NoEndpoints",
       ServiceText("empty", "{ports: [{name: http, port: 80}]}") +
           TwoRules("idle", "{name: empty, port: http}"),
       "gatewayroute market/idle",
       "ResolvedRefs",
       "True/NoEndpoints",
       {target, "Service market/empty:http has no endpoint that is ready", "until one of its pods is"},
       lost("idle", 503, "upstream-none-ready"),
       good("idle")}};
}

std::vector<Mistake> OfPlansAndHosts() {
  const std::string planless =
      WithPlans(Route("planless", "planless.example", "/"), "  plans: [{name: none}]");
  const std::string gap =
      WithPlans(Route("gap", "gap.example", "/"), "  plans: [{name: none}, {name: gold}]");
  const std::string thief = Route("thief", kHost, "/stolen", "quotes", "other");
  const std::string half =
      WithPlans(Route("half-thief", std::string("half.example, ") + kHost, "/stolen", "quotes", "other"),
                "  access: Public");
  const std::vector<Call> others = {{kHost, "/v1/x", kKey, 200}};
  const std::vector<Call> unclaimed = {{kHost, "/stolen", kKey, 404, "no-route"}};
  return {
      {"NoPlan",
       planless,
       "gatewayroute market/planless",
       "ResolvedRefs",
       "False/RefNotFound",
       {"spec.plans[0]", "ApiPlan market/none does not exist", "create it, or name another plan"},
       {{"planless.example", "/", kKey, 500, "plan-broken"},
        {"planless.example", "/", "", 500, "plan-broken"}},
       others},
      {"OneOfTwoPlansMissing",
       gap,
       "gatewayroute market/gap",
       "ResolvedRefs",
       "False/RefNotFound",
       {"spec.plans[0]", "ApiPlan market/none does not exist"},
       {{"gap.example", "/", "", 401, "no-credential"}, {"gap.example", "/", kOtherKey, 403, "not-on-plan"}},
       {{"gap.example", "/", kKey, 200}}},
      {"HostClaimed",
       thief,
       "gatewayroute other/thief",
       "Accepted",
       "False/HostClaimed",
       {"spec.hosts", std::string(kHost) + " belongs to namespace market",
        "name another host, or ask its owner"},
       unclaimed,
       others},
      {"OneOfTwoHostsClaimed",
       half,
       "gatewayroute other/half-thief",
       "PartiallyInvalid",
       "True/HostClaimed",
       {"spec.hosts", std::string(kHost) + " belongs to namespace market", "name another host"},
       unclaimed,
       {{kHost, "/v1/x", kKey, 200}, {"half.example", "/stolen", "", 200}}}};
}

std::vector<Mistake> OfKeys() {
  const std::string good = "good: \"" + Digest(kGoodKey) + "\"";
  const auto refused = [](const std::string& host, const std::string& key) {
    return std::vector<Call>{{host, "/", key, 401, "credential-refused"}};
  };
  const auto served = [](const std::string& host) {
    return std::vector<Call>{{host, "/", kGoodKey, 200}, {kHost, "/v1/x", kKey, 200}};
  };
  return {
      {"PlanWithoutConsumers",
       Plan("lonely") + Route("lonely", "lonely.example", "/", "quotes", "market", "lonely"),
       "apiplan market/lonely",
       "Accepted",
       "True/Accepted",
       {"nobody can call yet", "create a Secret of type tollgate.dev/api-keys in namespace market",
        "tollgate.dev/plan: lonely"},
       {{"lonely.example", "/", kKey, 403, "not-on-plan"}, {"lonely.example", "/", "", 401, "no-credential"}},
       {{kHost, "/v1/x", kKey, 200}}},
      {"NoDigest",
       PlanWithEntries("typo", good + ", typo: \"sha256:12345\""),
       "apiplan market/typo",
       "PartiallyInvalid",
       "True/Invalid",
       {"Secret market/typo, entry typo", "line 1 is refused",
        "sha256: must be followed by the 64 hexadecimal digits"},
       refused("typo.example", kTypoKey),
       served("typo.example")},
      {"BareKey",
       PlanWithEntries("bare", good + ", typo: \"" + kTypoKey + "\""),
       "apiplan market/bare",
       "PartiallyInvalid",
       "True/Invalid",
       {"Secret market/bare, entry typo", "it is no key; begin it with sha256:"},
       refused("bare.example", kTypoKey),
       served("bare.example")},
      {"SecondLine",
       PlanWithEntries("second", "good: \"" + Digest(kGoodKey) + "\\nsha256:x\""),
       "apiplan market/second",
       "PartiallyInvalid",
       "True/Invalid",
       {"Secret market/second, entry good", "line 2 is refused"},
       refused("second.example", "x"),
       served("second.example")},
      {"DuplicateKey",
       PlanWithEntries("twice", good + ", later: \"" + Digest(kGoodKey) + "\""),
       "apiplan market/twice",
       "PartiallyInvalid",
       "True/Invalid",
       {"Secret market/twice, entry later", "stands already in Secret market/twice, entry good",
        "take one out"},
       refused("twice.example", kTypoKey),
       served("twice.example")},
      {"NoSuchLimit",
       PlanWithEntries("override", "good: \"" + Digest(kGoodKey) + " limit.burst=5\""),
       "apiplan market/override",
       "PartiallyInvalid",
       "True/Invalid",
       {"Secret market/override, entry good", "limit.burst", "correct the name"},
       refused("override.example", kTypoKey),
       served("override.example")},
      {"PlainKey",
       PlanWithEntries("plain", "good: \"plain:" + kGoodKey + "\""),
       "apiplan market/plain",
       "CredentialsSafe",
       "False/PlaintextKeys",
       {"Keys stand in plain text", "in Secret market/plain: ", "replace plain:<key> with sha256:<digest>"},
       refused("plain.example", kTypoKey),
       served("plain.example")}};
}

std::vector<Mistake> All() {
  std::vector<Mistake> all = OfReferences();
  for (const auto& more : {OfPlansAndHosts(), OfKeys()}) all.insert(all.end(), more.begin(), more.end());
  return all;
}

class Mistakes : public Gateway, public testing::WithParamInterface<Mistake> {
 protected:
  static void SetUpTestSuite() {
    Begin({});
    ASSERT_TRUE(installation->ApplyService("other", "quotes", {"one"})) << installation->said;
  }
  static kit::HttpAnswer Ask(int proxy, const Call& call) {
    return installation->Get(proxy, call.host, call.path,
                             call.key.empty() ? std::vector<std::string>() : WithKey(call.key));
  }
  static bool IsAnswered(int proxy, const Call& call) {
    const kit::HttpAnswer answer = Ask(proxy, call);
    if (answer.status != call.status || call.problem.empty()) return answer.status == call.status;
    return nlohmann::json::parse(answer.body, nullptr, false).value("type", "") ==
           "https://tollgate.dev/problems/" + call.problem;
  }
  static void ExpectAnswered(const std::vector<Call>& calls) {
    for (const Call& call : calls) {
      for (const int proxy : {1, 2}) {
        EXPECT_TRUE(kit::Eventually([&] { return IsAnswered(proxy, call); }))
            << call.host << call.path << " of proxy " << proxy << ": " << Ask(proxy, call).status << " "
            << Ask(proxy, call).body;
      }
    }
  }
};

TEST_P(Mistakes, IsSaidAndContained) {
  const Mistake& mistake = GetParam();
  ASSERT_TRUE(installation->Apply(mistake.manifests)) << installation->said;
  const size_t space = mistake.object.find(' ');
  const size_t slash = mistake.object.find('/');
  const std::string kind = mistake.object.substr(0, space);
  const std::string in = mistake.object.substr(space + 1, slash - space - 1);
  const std::string name = mistake.object.substr(slash + 1);
  EXPECT_TRUE(kit::Eventually([&] {
    return Installation::Condition(kind, in, name, mistake.type) == mistake.says;
  })) << Installation::Condition(kind, in, name, mistake.type);
  const std::string message = Installation::ConditionMessage(kind, in, name, mistake.type);
  for (const std::string& part : mistake.parts) EXPECT_THAT(message, HasSubstr(part));
  ExpectAnswered(mistake.broken);
  ExpectAnswered(mistake.siblings);
  // No key is told to whoever may read conditions.
  for (const std::string& key : {kGoodKey, kTypoKey}) EXPECT_THAT(message, Not(HasSubstr(key)));
}

INSTANTIATE_TEST_SUITE_P(Each, Mistakes, testing::ValuesIn(All()),
                         [](const testing::TestParamInfo<Mistake>& of) { return of.param.name; });

}  // namespace
}  // namespace tollgate::cluster
