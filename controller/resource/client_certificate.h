// Whether callers prove by a certificate who they are. Plain data; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "controller/resource/authorities.h"

namespace tollgate::resource {

struct ClientCertificate {
  bool required = false;  // else it is requested
  std::vector<AuthorityRef> authorities;

  bool operator==(const ClientCertificate&) const = default;
};

// `tls` is the route's block of that name. Nothing: none is asked for.
std::optional<ClientCertificate> ReadClientCertificate(const nlohmann::json& tls);

}  // namespace tollgate::resource
