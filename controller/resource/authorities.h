// Certificates of authorities ("CAs"), as read from the entry ca.crt of a ConfigMap or a Secret. Plain data;
// any thread.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "controller/resource/object.h"

namespace tollgate::resource {

inline constexpr char kAuthoritiesEntry[] = "ca.crt";

struct Authorities {
  std::string pem;    // the certificates alone, whatever stands between them
  std::string fault;  // not empty: why nobody can be trusted by it, with the remedy; `pem` is empty then

  bool operator==(const Authorities&) const = default;
};

// Of the entries of one object, by their names.
Authorities ReadAuthorities(const std::map<std::string, std::string>& entries);

// Where authorities stand, in the route's own namespace.
struct AuthorityRef {
  enum class Kind { kConfigMap, kSecret };
  Kind kind = Kind::kConfigMap;
  std::string name;

  bool operator==(const AuthorityRef&) const = default;
};

// The list caCertificateRefs of `object`.
std::vector<AuthorityRef> ReadAuthorityRefs(const nlohmann::json& object);

// A ConfigMap. Kubernetes' own kind, which the apiserver has checked: of what it holds the authorities alone
// are kept.
struct ConfigMap {
  ObjectMeta meta;
  Authorities authorities;

  bool operator==(const ConfigMap&) const = default;
};

}  // namespace tollgate::resource
