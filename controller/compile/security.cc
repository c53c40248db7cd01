#include "controller/compile/security.h"

#include <chrono>

#include "controller/compile/conditions.h"
#include "controller/compile/secret_access.h"
#include "controller/compile/text.h"

namespace tollgate::compile {
namespace {

using resource::EdgeToken;
using resource::ObjectName;
using resource::OpaqueSecret;

constexpr char kEffect[] = "so everyone is refused";
constexpr char kSecretRef[] = "spec.security.edgeToken.secretRef";

UnresolvedRef WithoutToken(const ObjectName& name, const std::string& key, const OpaqueSecret* secret,
                           const CompilerOptions& options) {
  if (secret != nullptr) {
    return {reason::kRefNotFound,
            {std::string(kSecretRef) + ".key", "Secret " + name.ToString() + " has nothing under \"" + key +
                                                   "\", " + kEffect +
                                                   ": put the token there, or name another entry"}};
  }
  const std::string unread = WhyNoSecrets(name.space, options, kEffect);
  if (!unread.empty()) return {reason::kSecretAccessDenied, {kSecretRef, unread}};
  return {reason::kRefNotFound,
          {kSecretRef, "Secret " + name.ToString() + " of type " + resource::kOpaqueSecretType +
                           " does not exist, " + kEffect + ": create it, or name another Secret"}};
}

void AddEdgeToken(const EdgeToken& token, const std::string& space, const store::ObjectSet& objects,
                  const CompilerOptions& options, api::Security& compiled, RouteFindings& findings) {
  const ObjectName name{space, token.secret};
  const auto found = objects.opaque_secrets.find(name);
  const OpaqueSecret* secret = found == objects.opaque_secrets.end() ? nullptr : found->second.get();
  api::EdgeToken& edge = *compiled.mutable_edge_token();
  edge.set_header(LowerCase(token.header));
  if (secret != nullptr) {
    if (const auto digest = secret->digests.find(token.key); digest != secret->digests.end()) {
      edge.set_digest(std::string(AsBytes(digest->second)));
      return;
    }
  }
  UnresolvedRef unresolved = WithoutToken(name, token.key, secret, options);
  compiled.set_broken(unresolved.mistake.field + ": " + unresolved.mistake.message);
  findings.unresolved.push_back(std::move(unresolved));
}

api::SecurityHeaders CompileHeaders(const resource::SecurityHeaders& headers) {
  using resource::FrameOptions;
  api::SecurityHeaders compiled;
  if (headers.hsts) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*headers.hsts);
    compiled.set_hsts_s(static_cast<uint64_t>(seconds.count()));
  }
  compiled.set_no_sniff(headers.no_sniff);
  if (headers.frame_options == FrameOptions::kDeny) compiled.set_frame_options(api::SecurityHeaders::DENY);
  if (headers.frame_options == FrameOptions::kSameOrigin) {
    compiled.set_frame_options(api::SecurityHeaders::SAME_ORIGIN);
  }
  return compiled;
}

// Of an object with mistakes those are told instead, which may be the same.
void AddPatterns(const resource::GatewayRoute& route, const RegexTable& regexes, api::Security& compiled,
                 RouteFindings& findings) {
  const std::vector<std::string>& patterns = route.security->deny_patterns;
  for (size_t i = 0; i < patterns.size(); ++i) {
    compiled.add_deny_patterns(patterns[i]);
    const auto fault = regexes.FaultOf(patterns[i]);
    if (fault && route.mistakes.empty()) {
      findings.object.push_back({"spec.security.denyPatterns[" + std::to_string(i) + "]", *fault});
    }
  }
}

}  // namespace

void AddSecurity(const resource::GatewayRoute& route, const store::ObjectSet& objects,
                 const CompilerOptions& options, const RegexTable& regexes, api::Route& compiled,
                 RouteFindings& findings) {
  if (!route.security) return;
  const resource::Security& security = *route.security;
  api::Security& result = *compiled.mutable_security();
  for (const Cidr& cidr : security.allow_cidrs) result.add_allow_cidrs(cidr.ToString());
  for (const Cidr& cidr : security.deny_cidrs) result.add_deny_cidrs(cidr.ToString());
  AddPatterns(route, regexes, result, findings);
  *result.mutable_headers() = CompileHeaders(security.headers);
  if (security.edge_token) {
    AddEdgeToken(*security.edge_token, route.meta.name.space, objects, options, result, findings);
  }
}

}  // namespace tollgate::compile
