#include "controller/compile/certificates.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "api/base/certificate_name.h"
#include "api/base/clock.h"
#include "api/snapshot_hash.h"
#include "controller/compile/authorities.h"
#include "controller/compile/conditions.h"
#include "controller/compile/secret_access.h"
#include "controller/compile/seniority.h"

namespace tollgate::compile {
namespace {

using resource::GatewayRoute;
using resource::Mistake;
using resource::ObjectName;
using resource::TlsSecret;

// What a broken object's author wanted of TLS counts all the same, unless that itself is broken: its siblings
// on the same hosts go on.
bool HasReadableTls(const GatewayRoute& route) {
  return route.tls && std::none_of(route.mistakes.begin(), route.mistakes.end(), [](const Mistake& mistake) {
           return mistake.field.empty() || mistake.field == "spec" || mistake.field.starts_with("spec.tls");
         });
}

// With the names of the authorities in place of what they hold.
api::ClientCertificate NamedClients(const resource::ClientCertificate& asked) {
  api::ClientCertificate named;
  named.set_required(asked.required);
  for (const resource::AuthorityRef& ref : asked.authorities) {
    const bool is_secret = ref.kind == resource::AuthorityRef::Kind::kSecret;
    named.mutable_authorities()->append((is_secret ? "Secret " : "ConfigMap ") + ref.name + "\n");
  }
  return named;
}

// The terms as a proxy is told them, but with every certificate and authority that is named.
api::Tls TermsOf(const GatewayRoute& route) {
  api::Tls terms;
  for (const std::string& name : route.tls->certificates) {
    terms.add_certificates(ObjectName{route.meta.name.space, name}.ToString());
  }
  // TLS 1.2 with the suites that are left of it is still thought safe, and callers of APIs are not all new.
  const bool newest = route.tls->min_version == resource::TlsVersion::k13;
  terms.set_min_version(newest ? api::Tls::TLS_1_3 : api::Tls::TLS_1_2);
  terms.set_redirect_plain_http(route.tls->redirect_plain_http);
  if (route.tls->client_certificate) {
    *terms.mutable_client_certificate() = NamedClients(*route.tls->client_certificate);
  }
  return terms;
}

std::vector<std::string> HostsOf(const GatewayRoute& route, const HostClaims& hosts) {
  if (route.hosts.empty()) return {""};
  return hosts.at(route.meta.name).held;
}

// Who gave a host its terms.
struct HostTerms {
  ObjectName owner;
  std::string terms;  // serialized
};

const TlsSecret* Find(const ObjectName& name, const store::ObjectSet& objects) {
  const auto found = objects.tls_secrets.find(name);
  return found == objects.tls_secrets.end() ? nullptr : found->second.get();
}

bool Covers(const std::vector<const TlsSecret*>& secrets, const std::string& host) {
  return std::any_of(secrets.begin(), secrets.end(), [&](const TlsSecret* secret) {
    return std::any_of(secret->names.begin(), secret->names.end(),
                       [&](const std::string& name) { return CertificateNameCovers(name, host); });
  });
}

// Callers compare the name that they asked for with those of the certificate.
void WarnOfUncoveredHosts(const api::Route& compiled, const std::vector<const TlsSecret*>& secrets,
                          RouteFindings& findings) {
  std::vector<std::string> uncovered;
  for (const std::string& host : compiled.hosts()) {
    if (!Covers(secrets, host)) uncovered.push_back(host);
  }
  if (uncovered.empty() || secrets.empty()) return;
  findings.uncovered_hosts.push_back(
      {"spec.tls.certificateRefs",
       "no certificate here names " + ListOf(uncovered) +
           ", so callers will not trust the connection: add a Secret whose certificate does"});
}

// False where callers cannot be judged as the author wants: then there is to be no handshake at all.
bool AddClients(const GatewayRoute& route, const store::ObjectSet& objects, const CompilerOptions& options,
                api::Tls& terms, RouteFindings& findings) {
  if (!route.tls->client_certificate) return true;
  ResolvedAuthorities authorities =
      ResolveAuthorities(route.tls->client_certificate->authorities, route.meta.name.space,
                         "spec.tls.clientCertificate.caCertificateRefs", objects, options);
  terms.mutable_client_certificate()->set_authorities(authorities.pem);
  for (UnresolvedRef& ref : authorities.unresolved) findings.unresolved.push_back(std::move(ref));
  return !authorities.pem.empty();
}

}  // namespace

std::optional<UnresolvedRef> FollowCertificateRef(const ObjectName& name, const std::string& field,
                                                  const store::ObjectSet& objects,
                                                  const CompilerOptions& options) {
  const TlsSecret* const secret = Find(name, objects);
  if (secret == nullptr) {
    const std::string unread =
        WhyNoSecrets(name.space, options, "so none of their certificates can be shown");
    if (!unread.empty()) return UnresolvedRef{reason::kSecretAccessDenied, {field, unread}};
    return UnresolvedRef{reason::kRefNotFound,
                         {field, "Secret " + name.ToString() + " of type " + resource::kTlsSecretType +
                                     " does not exist: create it, or name another Secret"}};
  }
  const std::string who = "Secret " + name.ToString() + " cannot be used, ";
  if (!secret->fault.empty()) {
    return UnresolvedRef{reason::kInvalidCertificateRef, {field, who + secret->fault}};
  }
  if (options.now > 0 && secret->expires <= options.now) {
    const std::string when = FormatTime(secret->expires * 1'000'000);
    return UnresolvedRef{reason::kInvalidCertificateRef,
                         {field, who + "its certificate expired at " + when + ": renew it"}};
  }
  return std::nullopt;
}

TlsConflicts FindTlsConflicts(const store::ObjectMap<GatewayRoute>& routes, const HostClaims& hosts) {
  TlsConflicts conflicts;
  std::map<std::string, HostTerms> by_host;
  for (const GatewayRoute* route : OldestFirst(routes)) {
    if (!HasReadableTls(*route)) continue;
    const HostTerms own{route->meta.name, TermsOf(*route).SerializeAsString()};
    const std::vector<std::string> held = HostsOf(*route, hosts);
    const auto differs = std::find_if(held.begin(), held.end(), [&](const std::string& host) {
      const auto known = by_host.find(host);
      return known != by_host.end() && known->second.terms != own.terms;
    });
    if (differs != held.end()) {
      conflicts.emplace(route->meta.name, TlsConflict{*differs, by_host.at(*differs).owner});
      continue;
    }
    for (const std::string& host : held) by_host.emplace(host, own);
  }
  return conflicts;
}

Mistake Describe(const TlsConflict& conflict) {
  const std::string host = conflict.host.empty() ? "every host" : conflict.host;
  return {"spec.tls", "differs from that of GatewayRoute " + conflict.owner.ToString() +
                          ", which is older and serves " + host +
                          ", too: write the same in both, or leave tls out of this one"};
}

void AddTls(const GatewayRoute& route, const store::ObjectSet& objects, const CompilerOptions& options,
            api::Route& compiled, RouteFindings& findings) {
  if (!HasReadableTls(route)) return;
  api::Tls& terms = *compiled.mutable_tls() = TermsOf(route);
  terms.clear_certificates();
  std::vector<const TlsSecret*> usable;
  for (size_t i = 0; i < route.tls->certificates.size(); ++i) {
    const ObjectName name{route.meta.name.space, route.tls->certificates[i]};
    const std::string field = "spec.tls.certificateRefs[" + std::to_string(i) + "]";
    if (auto unresolved = FollowCertificateRef(name, field, objects, options)) {
      findings.unresolved.push_back(*std::move(unresolved));
    }
    const TlsSecret* const secret = Find(name, objects);
    if (secret == nullptr || !secret->fault.empty()) continue;
    terms.add_certificates(name.ToString());
    usable.push_back(secret);
  }
  WarnOfUncoveredHosts(compiled, usable, findings);
  if (!AddClients(route, objects, options, terms, findings)) terms.clear_certificates();
}

void AddCertificates(const store::ObjectMap<TlsSecret>& secrets, const std::set<std::string>& names,
                     api::Snapshot& snapshot) {
  for (const auto& [name, secret] : secrets) {
    if (!names.contains(name.ToString())) continue;
    api::Certificate certificate;
    certificate.set_chain(secret->chain);
    certificate.set_key(secret->key);
    for (const std::string& host : secret->names) certificate.add_names(host);
    certificate.set_expires(secret->expires);
    *snapshot.add_resources() = api::MakeResource(api::CERTIFICATE, name.ToString(), certificate);
  }
}

int64_t NextExpiry(const store::ObjectMap<TlsSecret>& secrets, int64_t now) {
  int64_t next = 0;
  for (const auto& [name, secret] : secrets) {
    if (!secret->fault.empty() || secret->expires <= now) continue;
    if (next == 0 || secret->expires < next) next = secret->expires;
  }
  return next;
}

}  // namespace tollgate::compile
