#include "controller/compile/target_tls.h"

#include <utility>

#include "controller/compile/authorities.h"
#include "controller/compile/certificates.h"

namespace tollgate::compile {
namespace {

using resource::HostRewrite;
using resource::Target;

// Who is to prove to be there: the one that is asked for by name, else the Service.
std::string ServerNameOf(const Target& target, const NamedUpstream& upstream) {
  if (target.tls.server_name) return *target.tls.server_name;
  const bool is_named = target.rewrite_host && target.rewrite_host->type == HostRewrite::Type::kName;
  return is_named ? target.rewrite_host->name : upstream.host;
}

}  // namespace

std::string HostOf(const Target& target, const NamedUpstream& upstream) {
  if (target.url) return target.url->Authority();
  const int usual = resource::SpeaksTls(target.protocol) ? 443 : 80;
  return upstream.port == usual ? upstream.host : upstream.host + ":" + std::to_string(upstream.port);
}

std::vector<UnresolvedRef> AddTargetTls(const Target& target, const NamedUpstream& upstream,
                                        const std::string& space, const std::string& field,
                                        const store::ObjectSet& objects, const CompilerOptions& options,
                                        api::Target& compiled) {
  if (!resource::SpeaksTls(target.protocol)) return {};
  ResolvedAuthorities authorities =
      ResolveAuthorities(target.tls.authorities, space, field + ".tls.caCertificateRefs", objects, options);
  std::vector<UnresolvedRef> unresolved = std::move(authorities.unresolved);
  api::UpstreamTls& tls = *compiled.mutable_tls();
  tls.set_authorities(std::move(authorities.pem));
  tls.set_server_name(ServerNameOf(target, upstream));
  if (!target.tls.client_certificate) return unresolved;
  const resource::ObjectName name{space, *target.tls.client_certificate};
  // Whether it has expired is for the upstream to judge: a configuration does not depend on the time.
  CompilerOptions timeless = options;
  timeless.now = 0;
  if (auto fault = FollowCertificateRef(name, field + ".tls.clientCertificateRef", objects, timeless)) {
    unresolved.push_back(*std::move(fault));
  } else {
    tls.set_client_certificate(name.ToString());
  }
  return unresolved;
}

}  // namespace tollgate::compile
