#include "controller/resource/client_certificate.h"

#include <nlohmann/json.hpp>

#include "controller/resource/json_access.h"

namespace tollgate::resource {

using nlohmann::json;

std::optional<ClientCertificate> ReadClientCertificate(const json& tls) {
  const json& block = ObjectAt(tls, "clientCertificate");
  const std::string mode = Text(block, "mode");
  if (mode != "Request" && mode != "Require") return std::nullopt;
  return ClientCertificate{mode == "Require", ReadAuthorityRefs(block)};
}

}  // namespace tollgate::resource
