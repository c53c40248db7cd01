// Each function is the C++ of the CEL rule whose message stands beside it in the table below.
#include <re2/re2.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller/resource/constraints.h"
#include "controller/resource/cors.h"
#include "controller/resource/error_templates.h"
#include "controller/resource/header_edits.h"
#include "controller/resource/json_access.h"
#include "controller/resource/match_values.h"
#include "controller/resource/own_answer_reader.h"
#include "controller/resource/target_url.h"

namespace tollgate::resource {
namespace {

using nlohmann::json;
using std::chrono::hours;
using std::chrono::milliseconds;

Broken Unless(bool holds) { return holds ? Broken{} : Broken{""}; }

bool IsPublic(const json& spec) { return Text(spec, "access") == "Public"; }

Broken PlansAreNamed(const json& spec) { return Unless(IsPublic(spec) || !ListAt(spec, "plans").empty()); }

Broken PublicNamesNoPlans(const json& spec) {
  return Unless(!IsPublic(spec) || ListAt(spec, "plans").empty());
}

// CEL can only blame `rules`; here the rule itself is blamed, so that the others are served.
Broken PublicSharesItsCache(const json& spec) {
  Broken broken;
  if (!IsPublic(spec)) return broken;
  const json& rules = ListAt(spec, "rules");
  for (size_t i = 0; i < rules.size(); ++i) {
    const std::string scope = Text(ObjectAt(rules[i], "cache"), "scope");
    if (scope == "Plan" || scope == "Consumer")
      broken.push_back(".rules[" + std::to_string(i) + "].cache.scope");
  }
  return broken;
}

bool HasVariables(const json& rewrite) { return Text(rewrite, "path").find('{') != std::string::npos; }

bool RewritesVariables(const json& target) { return HasVariables(ObjectAt(target, "rewrite")); }

bool HasTemplate(const json& match) { return Text(ObjectAt(match, "path"), "type") == "Template"; }

bool HasTemplatesOnly(const json& rule) {
  const json& matches = ListAt(rule, "matches");
  return !matches.empty() && std::all_of(matches.begin(), matches.end(), HasTemplate);
}

Broken VariablesComeFromTemplates(const json& rule) {
  const json& targets = ListAt(ObjectAt(rule, "upstream"), "targets");
  return Unless(std::none_of(targets.begin(), targets.end(), RewritesVariables) || HasTemplatesOnly(rule));
}

Broken RedirectsVariablesComeFromTemplates(const json& rule) {
  return Unless(!HasVariables(ObjectAt(rule, "redirect")) || HasTemplatesOnly(rule));
}

Broken RewriteChangesSomething(const json& rewrite) {
  return Unless(Has(rewrite, "path") || Has(rewrite, "host"));
}

Broken TemplateIsWellFormed(const json& path) {
  static const RE2 kTemplate(
      R"re(^(/([^/{}]*|\{[A-Za-z_][A-Za-z0-9_-]*\}))*(/\{[A-Za-z_][A-Za-z0-9_-]*\.\.\.\})?$)re");
  return Unless(Text(path, "type") != "Template" || RE2::PartialMatch(Text(path, "value"), kTemplate));
}

bool IsRegex(const json& path) { return Text(path, "type") == "Regex"; }

Broken FewHaveBraces(const json& path) {
  return Unless(Text(path, "type") == "Template" || IsRegex(path) ||
                Text(path, "value").find_first_of("{}") == std::string::npos);
}

Broken PathIsWritable(const json& path) {
  static const RE2 kPath(R"re(^([A-Za-z0-9._~!$&'()*+,;=:@/{}-]|%[0-9A-Fa-f]{2})*$)re");
  return Unless(IsRegex(path) || RE2::PartialMatch(Text(path, "value"), kPath));
}

// Of the path of a match, or of a rewrite, which is a text and always a template.
std::string TemplateOf(const json& path) {
  if (path.is_string()) return path.get<std::string>();
  return IsRegex(path) ? "" : Text(path, "value");
}

Broken VariablesAreFew(const json& path) {
  const std::string text = TemplateOf(path);
  return Unless(std::count(text.begin(), text.end(), '{') <= 16);
}

Broken PathIsResolved(const json& path) {
  static const RE2 kUnresolved(R"re(/(\.|%2[Ee]){1,2}(/|$)|%00)re");
  return Unless(!RE2::PartialMatch(TemplateOf(path), kUnresolved));
}

Broken SomeTargetHasWeight(const json& targets) {
  return Unless(std::any_of(targets.begin(), targets.end(), [](const json& target) {
    return OptionalInteger(target, "weight").value_or(1) > 0;
  }));
}

bool AsksForNone(const json& client) { return Text(client, "mode") == "None"; }

Broken AskingNeedsAuthorities(const json& client) {
  return Unless(AsksForNone(client) || Has(client, "caCertificateRefs"));
}

Broken OnlyAskingHasAuthorities(const json& client) {
  return Unless(!AsksForNone(client) || !Has(client, "caCertificateRefs"));
}

Broken TlsIsSpoken(const json& target) {
  const std::string protocol = Text(target, "protocol");
  return Unless(!Has(target, "tls") || Has(target, "url") || protocol == "HTTPS" || protocol == "GRPCS");
}

Broken TotalIsLongest(const json& timeouts) {
  const auto total = OptionalDuration(timeouts, "total");
  const auto fits = [&](const char* part) {
    return OptionalDuration(timeouts, part).value_or(milliseconds(0)) <= *total;
  };
  return Unless(!total || (fits("connect") && fits("firstByte")));
}

Broken TryIsWithinTotal(const json& upstream) {
  const auto a_try = OptionalDuration(ObjectAt(upstream, "retry"), "perTryTimeout");
  const auto total = OptionalDuration(ObjectAt(upstream, "timeouts"), "total");
  return Unless(!a_try || !total || *a_try <= *total);
}

Broken TryTimeoutNeedsReset(const json& retry) {
  if (!Has(retry, "perTryTimeout") || !Has(retry, "conditions")) return {};
  const std::vector<std::string> conditions = TextList(retry, "conditions");
  return Unless(std::find(conditions.begin(), conditions.end(), "Reset") != conditions.end());
}

milliseconds DurationOf(const json& text) {
  return OptionalDuration({{"duration", text}}, "duration").value_or(milliseconds(0));
}

Broken TimeoutIsBounded(const json& timeout) {
  return Unless(DurationOf(timeout) > milliseconds(0) && DurationOf(timeout) <= hours(24));
}

Broken IntervalIsBounded(const json& interval) {
  return Unless(DurationOf(interval) >= milliseconds(100) && DurationOf(interval) <= hours(1));
}

Broken HealthIsJudged(const json& health) { return Unless(Has(health, "active") || Has(health, "passive")); }

Broken TtlIsBounded(const json& ttl) { return Unless(DurationOf(ttl) <= hours(8760)); }

Broken StatusIsWhole(const json& status) { return Unless(status != 206 && status != 304); }

bool IsListed(const json& query) { return Text(query, "type") == "Listed"; }

Broken ListedHasNames(const json& query) {
  return Unless(!IsListed(query) || !ListAt(query, "names").empty());
}

Broken OnlyListedHasNames(const json& query) {
  return Unless(IsListed(query) || ListAt(query, "names").empty());
}

bool IsHash(const json& balancing) { return Text(balancing, "type") == "ConsistentHash"; }

Broken HashHasKey(const json& balancing) { return Unless(!IsHash(balancing) || Has(balancing, "key")); }

Broken OnlyHashHasKey(const json& balancing) { return Unless(IsHash(balancing) || !Has(balancing, "key")); }

constexpr Twin kTwins[] = {
    {"access Plans, the default, needs at least one plan; name one in plans, or set access to Public to "
     "admit "
     "everyone",
     PlansAreNamed},
    {"access Public admits everyone and may not name plans; remove plans, or set access to Plans",
     PublicNamesNoPlans},
    {"cache.scope must be Shared on a route with access Public, where no request has a plan or a consumer",
     PublicSharesItsCache},
    {"rewrite.path may use variables only where every match of the rule has a path of type Template",
     VariablesComeFromTemplates},
    {"redirect.path may use variables only where every match of the rule has a path of type Template",
     RedirectsVariablesComeFromTemplates},
    {"type Upstream, the default, needs upstream, and no other type may have it", UpstreamGoesWithItsType},
    {"type Redirect needs redirect, and no other type may have it", RedirectGoesWithItsType},
    {"type Respond needs respond, and no other type may have it", RespondGoesWithItsType},
    {"cache may stand only with type Upstream; the gateway answers the other types itself",
     OnlyUpstreamsAreCached},
    {"protocols may stand only with type Upstream; the gateway answers the other types itself",
     OnlyUpstreamsSpeakProtocols},
    {"redirect needs scheme, host or path; without any of them it would lead to itself",
     RedirectLeadsElsewhere},
    {"the status of a redirect must be 301, 302, 303, 307 or 308", StatusRedirects},
    {"an answer with status 204, 205 or 304 has no body; remove body, or set another status",
     BodyGoesWithItsStatus},
    {"the gateway writes this header itself, or HTTP does; take another", HeaderIsTheAnswers},
    {"the gateway writes this header of requests itself, or HTTP does; take another", HeaderOfRequestsIsFree},
    {"request and response.upstreamHeaders may stand only with type Upstream; the gateway answers the other "
     "types itself",
     OnlyUpstreamsHaveHeads},
    {"rewrite needs path or host; give one of them, or remove rewrite", RewriteChangesSomething},
    {"a path of type Template is made of segments that are literal or {name}; the last one may be {name...}, "
     "which stands for the rest of the path",
     TemplateIsWellFormed},
    {"only a path of type Template or Regex may contain braces; set type to Template, or write them as %7B "
     "and %7D",
     FewHaveBraces},
    {"a path holds only the characters that RFC 3986 allows in one; percent-encode the others, or set type "
     "to "
     "Regex",
     PathIsWritable},
    {"a path may have at most 16 variables", VariablesAreFew},
    {"a path may not contain %00 or the segments . and .., which are resolved before paths are compared and "
     "forwarded",
     PathIsResolved},
    {"types Exact, Prefix and Regex compare a value; give one, or set type to Present", ValueIsGiven},
    {"type Present looks for the name alone; remove value, or set another type", PresentHasNoValue},
    {"a value of type Regex must be a regular expression that RE2 reads", RegexIsReadable},
    {"a caller could write anything into a header of Tollgate's own, which is set after a rule has been "
     "chosen; name another header",
     HeaderIsTheCallers},
    {"a pattern must be a regular expression that RE2 reads", DenyPatternIsReadable},
    {"the edge's token cannot stand in a header that HTTP, callers or Tollgate itself use; take another, "
     "such as "
     "X-Edge-Token",
     EdgeHeaderIsFree},
    {"allowCredentials lets a page act for the person who looks at it, so its origin must be named; name the "
     "origins in place of *",
     CredentialsNameTheirOrigins},
    {"maxAge may be at most 24h, as browsers have it", MaxAgeIsBounded},
    {"format Template needs templates, and no other format may have them", TemplatesGoWithTheirFormat},
    {"two templates are for the same problem, or for every other one; remove one of them",
     EachProblemHasOneTemplate},
    {"hsts must be at least 1s; remove it to say nothing of HTTPS", HstsIsSaid},
    {"at least one target needs a weight above 0; with none, no request could be sent anywhere",
     SomeTargetHasWeight},
    {"modes Request and Require need caCertificateRefs, the authorities whose certificates are trusted",
     AskingNeedsAuthorities},
    {"caCertificateRefs may stand only with mode Request or Require", OnlyAskingHasAuthorities},
    {"tls needs protocol HTTPS or GRPCS; set one of them, or remove tls", TlsIsSpoken},
    {"type Service, the default, needs serviceRef, and no other type may have it", ServiceGoesWithItsType},
    {"type URL needs url, and no other type may have it", UrlGoesWithItsType},
    {"the scheme of a url says what is spoken there; remove protocol", UrlSaysItsProtocol},
    {"tls needs a url of https://; write that, or remove tls", TlsNeedsHttpsUrl},
    {"a url is http:// or https://, a host in lower case and perhaps a port, and nothing else; rewrite.path "
     "changes paths",
     UrlIsHostAlone},
    {kOutsideTheCluster, UrlIsOutsideTheCluster},
    {"total may not be shorter than connect or firstByte, which could then never be reached", TotalIsLongest},
    {"a timeout must be longer than 0s and at most 24h", TimeoutIsBounded},
    {"type ConsistentHash needs key, which says what requests go to the same endpoint", HashHasKey},
    {"key may stand only with type ConsistentHash", OnlyHashHasKey},
    {"health needs active or passive; give one of them, or remove health", HealthIsJudged},
    {"interval must be at least 100ms and at most 1h", IntervalIsBounded},
    {"ejectFor must be longer than 0s and at most 24h", TimeoutIsBounded},
    {"retry.perTryTimeout may not be longer than timeouts.total, which ends the request and all of its tries",
     TryIsWithinTotal},
    {"perTryTimeout needs the condition Reset, since a try that takes too long counts as one; add Reset, or "
     "remove perTryTimeout",
     TryTimeoutNeedsReset},
    {"ttl may be at most 8760h, a year", TtlIsBounded},
    {"answers with status 206 and 304 are not whole and cannot be stored", StatusIsWhole},
    {"type Listed needs names, the query parameters that are part of the key", ListedHasNames},
    {"names may stand only with type Listed", OnlyListedHasNames},
};

}  // namespace

std::span<const Twin> GatewayRouteTwins() { return kTwins; }

}  // namespace tollgate::resource
