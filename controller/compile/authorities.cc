#include "controller/compile/authorities.h"

#include "controller/compile/secret_access.h"

namespace tollgate::compile {
namespace {

using resource::AuthorityRef;
using resource::ObjectName;

const resource::Authorities* Find(const AuthorityRef& ref, const ObjectName& name,
                                  const store::ObjectSet& objects) {
  if (ref.kind == AuthorityRef::Kind::kSecret) {
    const auto secret = objects.tls_secrets.find(name);
    return secret == objects.tls_secrets.end() ? nullptr : &secret->second->authorities;
  }
  const auto map = objects.config_maps.find(name);
  return map == objects.config_maps.end() ? nullptr : &map->second->authorities;
}

UnresolvedRef Missing(const AuthorityRef& ref, const ObjectName& name, const std::string& field,
                      const CompilerOptions& options) {
  if (ref.kind == AuthorityRef::Kind::kConfigMap) {
    return {reason::kRefNotFound,
            {field, "ConfigMap " + name.ToString() +
                        " does not exist, or the controller's account may not list and watch ConfigMaps "
                        "there: create it with an entry ca.crt, or name another ConfigMap"}};
  }
  const std::string unread = WhyNoSecrets(name.space, options, "so none of their authorities is trusted");
  if (!unread.empty()) return {reason::kSecretAccessDenied, {field, unread}};
  return {reason::kRefNotFound,
          {field, "Secret " + name.ToString() + " of type " + resource::kTlsSecretType +
                      " does not exist: create it with an entry ca.crt, or name another Secret"}};
}

}  // namespace

ResolvedAuthorities ResolveAuthorities(const std::vector<AuthorityRef>& refs, const std::string& space,
                                       const std::string& field, const store::ObjectSet& objects,
                                       const CompilerOptions& options) {
  ResolvedAuthorities resolved;
  for (size_t i = 0; i < refs.size(); ++i) {
    const ObjectName name{space, refs[i].name};
    const std::string at = field + "[" + std::to_string(i) + "]";
    const resource::Authorities* const found = Find(refs[i], name, objects);
    if (found == nullptr) {
      resolved.unresolved.push_back(Missing(refs[i], name, at, options));
    } else if (!found->fault.empty()) {
      const char* const kind = refs[i].kind == AuthorityRef::Kind::kSecret ? "Secret " : "ConfigMap ";
      resolved.unresolved.push_back(
          {reason::kInvalidCertificateRef,
           {at, kind + name.ToString() + " names nobody to trust, " + found->fault}});
    } else {
      resolved.pem += found->pem;
    }
  }
  if (!resolved.unresolved.empty()) resolved.pem.clear();
  return resolved;
}

}  // namespace tollgate::compile
