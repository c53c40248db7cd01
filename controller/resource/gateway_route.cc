#include "controller/resource/gateway_route.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "controller/resource/json_access.h"
#include "controller/resource/match_values.h"
#include "controller/resource/metadata.h"
#include "controller/resource/own_answer_reader.h"
#include "controller/resource/parse.h"
#include "controller/resource/path_variables.h"
#include "controller/resource/verdict.h"

namespace tollgate::resource {
namespace {

using nlohmann::json;

std::optional<PathMatch> ReadPath(const json& match) {
  const json& path = ObjectAt(match, "path");
  const auto type = EnumAt<PathMatch::Type>(path, "type",
                                            {{"Exact", PathMatch::Type::kExact},
                                             {"Prefix", PathMatch::Type::kPrefix},
                                             {"Template", PathMatch::Type::kTemplate},
                                             {"Regex", PathMatch::Type::kRegex}});
  if (!type) return std::nullopt;
  return PathMatch{*type, Text(path, "value")};
}

std::optional<HostRewrite> ReadHostRewrite(const json& rewrite) {
  const std::optional<std::string> host = OptionalText(rewrite, "host");
  if (!host) return std::nullopt;
  // No name has a capital letter.
  if (*host == "Original") return HostRewrite{HostRewrite::Type::kOriginal, {}};
  if (*host == "Upstream") return HostRewrite{HostRewrite::Type::kUpstream, {}};
  return HostRewrite{HostRewrite::Type::kName, *host};
}

ServiceRef ReadServiceRef(const json& item) {
  const json& reference = ObjectAt(item, "serviceRef");
  ServiceRef service{Text(reference, "name"), Text(reference, "port")};
  if (const auto number = OptionalInteger(reference, "port")) service.port = static_cast<int>(*number);
  return service;
}

std::optional<Mirror> ReadMirror(const json& upstream) {
  if (!Has(upstream, "mirror")) return std::nullopt;
  const json& mirror = ObjectAt(upstream, "mirror");
  Mirror read{ReadServiceRef(mirror), std::nullopt};
  if (const auto percent = OptionalInteger(mirror, "percent")) read.percent = static_cast<int>(*percent);
  return read;
}

Target ReadTarget(const json& item) {
  Target target;
  if (const auto url = OptionalText(item, "url")) target.url = ReadTargetUrl(*url);
  target.service = ReadServiceRef(item);
  target.weight = static_cast<int>(OptionalInteger(item, "weight").value_or(1));
  target.rewrite_path = OptionalText(ObjectAt(item, "rewrite"), "path");
  target.rewrite_host = ReadHostRewrite(ObjectAt(item, "rewrite"));
  target.protocol = ReadProtocol(item);
  if (target.url && target.url->secure) target.protocol = Protocol::kHttps;
  target.tls = ReadTargetTls(item);
  return target;
}

Timeouts ReadTimeouts(const json& upstream) {
  const json& timeouts = ObjectAt(upstream, "timeouts");
  return {OptionalDuration(timeouts, "connect"), OptionalDuration(timeouts, "firstByte"),
          OptionalDuration(timeouts, "idle"), OptionalDuration(timeouts, "total")};
}

std::optional<CachePolicy> ReadCache(const json& rule) {
  if (!Has(rule, "cache")) return std::nullopt;
  const json& cache = ObjectAt(rule, "cache");
  CachePolicy policy;
  policy.ttl = OptionalDuration(cache, "ttl");
  for (const json& status : ListAt(cache, "statuses")) {
    if (status.is_number_integer()) policy.statuses.push_back(status.get<int>());
  }
  policy.scope = EnumAt<CacheScope>(
      cache, "scope",
      {{"Shared", CacheScope::kShared}, {"Plan", CacheScope::kPlan}, {"Consumer", CacheScope::kConsumer}});
  const json& key = ObjectAt(cache, "key");
  const json& query = ObjectAt(key, "query");
  policy.key = {Text(query, "type") == "Listed", TextList(query, "names"), TextList(key, "headers")};
  return policy;
}

Rule ReadRule(const json& item) {
  Rule rule;
  rule.name = Text(item, "name");
  for (const json& match : ListAt(item, "matches")) {
    rule.matches.push_back({TextList(match, "methods"), ReadPath(match), ReadValueMatches(match, "headers"),
                            ReadValueMatches(match, "query"), ReadValueMatches(match, "cookies")});
  }
  rule.operation = OptionalText(item, "operation");
  rule.redirect = ReadRedirect(item);
  rule.respond = ReadRespond(item);
  const json& upstream = ObjectAt(item, "upstream");
  for (const json& target : ListAt(upstream, "targets")) rule.targets.push_back(ReadTarget(target));
  rule.timeouts = ReadTimeouts(upstream);
  rule.retry = ReadRetry(upstream);
  rule.passive_health = ReadPassiveHealth(upstream);
  rule.active_health = ReadActiveHealth(upstream);
  rule.mirror = ReadMirror(upstream);
  rule.balancing = ReadBalancing(upstream);
  rule.limits = ReadConnectionLimits(upstream);
  rule.cache = ReadCache(item);
  rule.web_socket = OptionalBool(ObjectAt(item, "protocols"), "webSocket").value_or(false);
  rule.request_headers = ReadHeaderEdits(ObjectAt(item, "request"));
  const json& response = ObjectAt(item, "response");
  rule.response_headers = ReadHeaderEdits(response);
  rule.compress = ReadCompress(response);
  rule.upstream_headers = OptionalBool(response, "upstreamHeaders").value_or(true);
  return rule;
}

std::optional<RouteTls> ReadTls(const json& spec) {
  if (!Has(spec, "tls")) return std::nullopt;
  const json& object = ObjectAt(spec, "tls");
  RouteTls tls;
  for (const json& ref : ListAt(object, "certificateRefs")) tls.certificates.push_back(Text(ref, "name"));
  tls.min_version =
      EnumAt<TlsVersion>(object, "minVersion", {{"1.2", TlsVersion::k12}, {"1.3", TlsVersion::k13}});
  tls.redirect_plain_http = OptionalBool(object, "redirectPlainHTTP").value_or(false);
  tls.client_certificate = ReadClientCertificate(object);
  return tls;
}

constexpr std::string_view kRules = "spec.rules[";

// The index in "spec.rules[3].name"; nothing where the field stands outside any rule.
std::optional<size_t> RuleOf(std::string_view field) {
  if (!field.starts_with(kRules)) return std::nullopt;
  size_t index = 0;
  std::from_chars(field.data() + kRules.size(), field.data() + field.size(), index);
  return index;
}

// A rule is contained in what it breaks: a mistake inside it is its own, and where it stands in the matches,
// or the rule is no object at all, nothing can be said about which requests it would have served.
void NoteOnRule(Mistake mistake, const std::string& field, Rule& rule) {
  const bool in_matches = mistake.field.starts_with(field + ".matches");
  const bool is_no_rule = mistake.field == field && !mistake.message.starts_with("Duplicate value");
  if (in_matches || is_no_rule) rule.matches_readable = false;
  rule.mistakes.push_back(std::move(mistake));
}

void Distribute(std::vector<Mistake> mistakes, GatewayRoute& route) {
  for (Mistake& mistake : mistakes) {
    const std::optional<size_t> index = RuleOf(mistake.field);
    if (index && *index < route.rules.size()) {
      const std::string field = std::string(kRules) + std::to_string(*index) + "]";
      NoteOnRule(std::move(mistake), field, route.rules[*index]);
    } else {
      route.mistakes.push_back(std::move(mistake));
    }
  }
}

}  // namespace

GatewayRoute ParseGatewayRoute(const json& object, Origin origin) {
  const json& spec = ObjectAt(object, "spec");
  GatewayRoute route;
  route.meta = ParseMetadata(object);
  route.installation = OptionalText(spec, "installation");
  route.hosts = TextList(spec, "hosts");
  route.tls = ReadTls(spec);
  route.access = Text(spec, "access") == "Public" ? Access::kPublic : Access::kPlans;
  for (const json& plan : ListAt(spec, "plans")) route.plans.push_back(Text(plan, "name"));
  route.cors = ReadCors(spec);
  route.error_templates = ReadErrorTemplates(spec);
  for (const json& rule : ListAt(spec, "rules")) route.rules.push_back(ReadRule(rule));
  std::vector<Mistake> mistakes = JudgeGatewayRoute(object);
  if (origin == Origin::kFile) {
    std::erase_if(mistakes, [](const Mistake& mistake) { return mistake.message == kOutsideTheCluster; });
  }
  Distribute(std::move(mistakes), route);
  route.security = ReadSecurity(spec, route.mistakes);
  for (size_t i = 0; i < route.rules.size(); ++i) {
    Rule& rule = route.rules[i];
    if (rule.mistakes.empty()) CheckPathVariables(std::string(kRules) + std::to_string(i) + "]", rule);
  }
  return route;
}

}  // namespace tollgate::resource
