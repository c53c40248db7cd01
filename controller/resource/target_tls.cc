#include "controller/resource/target_tls.h"

#include <nlohmann/json.hpp>

#include "controller/resource/json_access.h"

namespace tollgate::resource {

using nlohmann::json;

Protocol ReadProtocol(const json& target) {
  const auto protocol = EnumAt<Protocol>(target, "protocol",
                                         {{"HTTP", Protocol::kHttp},
                                          {"H2C", Protocol::kH2c},
                                          {"GRPC", Protocol::kGrpc},
                                          {"HTTPS", Protocol::kHttps},
                                          {"GRPCS", Protocol::kGrpcs}});
  return protocol.value_or(Protocol::kHttp);
}

TargetTls ReadTargetTls(const json& target) {
  const json& object = ObjectAt(target, "tls");
  TargetTls tls;
  tls.authorities = ReadAuthorityRefs(object);
  tls.server_name = OptionalText(object, "serverName");
  tls.client_certificate = OptionalText(ObjectAt(object, "clientCertificateRef"), "name");
  return tls;
}

}  // namespace tollgate::resource
