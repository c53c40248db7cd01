#include "controller/resource/security.h"

#include <re2/re2.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller/resource/json_access.h"

namespace tollgate::resource {
namespace {

using nlohmann::json;

Broken Unless(bool holds) { return holds ? Broken{} : Broken{""}; }

bool IsNoted(const std::string& field, const std::vector<Mistake>& mistakes) {
  return std::any_of(mistakes.begin(), mistakes.end(),
                     [&](const Mistake& mistake) { return mistake.field == field; });
}

std::vector<Cidr> ReadCidrs(const json& security, const std::string& key, std::vector<Mistake>& mistakes) {
  std::vector<Cidr> cidrs;
  const std::vector<std::string> texts = TextList(security, key);
  for (size_t i = 0; i < texts.size(); ++i) {
    if (const std::optional<Cidr> cidr = Cidr::Parse(texts[i])) {
      cidrs.push_back(*cidr);
      continue;
    }
    const std::string field = "spec.security." + key + "[" + std::to_string(i) + "]";
    if (IsNoted(field, mistakes)) continue;
    mistakes.push_back(
        {field,
         "\"" + texts[i] +
             "\" is no network: write an address and how many of its first bits count, such as "
             "10.0.0.0/8 or 2001:db8::/32",
         /*admissible=*/true});
  }
  return cidrs;
}

std::optional<EdgeToken> ReadEdgeToken(const json& security) {
  if (!Has(security, "edgeToken")) return std::nullopt;
  const json& token = ObjectAt(security, "edgeToken");
  const json& secret = ObjectAt(token, "secretRef");
  return EdgeToken{Text(token, "header"), Text(secret, "name"), Text(secret, "key")};
}

}  // namespace

std::optional<Security> ReadSecurity(const json& spec, std::vector<Mistake>& mistakes) {
  if (!Has(spec, "security")) return std::nullopt;
  const json& block = ObjectAt(spec, "security");
  Security security;
  security.allow_cidrs = ReadCidrs(block, "allowCIDRs", mistakes);
  security.deny_cidrs = ReadCidrs(block, "denyCIDRs", mistakes);
  security.deny_patterns = TextList(block, "denyPatterns");
  security.edge_token = ReadEdgeToken(block);
  const json& headers = ObjectAt(block, "headers");
  security.headers.hsts = OptionalDuration(headers, "hsts");
  security.headers.no_sniff = OptionalBool(headers, "noSniff").value_or(false);
  security.headers.frame_options = EnumAt<FrameOptions>(
      headers, "frameOptions", {{"Deny", FrameOptions::kDeny}, {"SameOrigin", FrameOptions::kSameOrigin}});
  return security;
}

// A kube-apiserver has no bound for what an expression takes; a proxy has, which is looked at later, in
// compile.
Broken DenyPatternIsReadable(const json& pattern) {
  const RE2 program(pattern.get_ref<const std::string&>(), RE2::Quiet);
  return Unless(program.ok() || program.error_code() == RE2::ErrorPatternTooLarge);
}

Broken EdgeHeaderIsFree(const json& name) {
  static const RE2 kTaken(
      "(?i)^(host|cookie|authorization|via|forwarded|connection|te|trailer|upgrade|expect|keep-alive|"
      "traceparent|tracestate|"
      "content[-_](length|type)|transfer[-_]encoding|proxy[-_](authorization|authenticate|connection)|"
      "x[-_]request[-_]id|x[-_]forwarded[-_].*|x[-_]tollgate[-_].*)$");
  return Unless(!RE2::PartialMatch(name.get_ref<const std::string&>(), kTaken));
}

Broken HstsIsSaid(const json& hsts) {
  const auto duration = OptionalDuration({{"duration", hsts}}, "duration");
  return Unless(duration.value_or(std::chrono::milliseconds(0)) >= std::chrono::seconds(1));
}

}  // namespace tollgate::resource
