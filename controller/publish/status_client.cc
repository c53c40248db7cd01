#include "controller/publish/status_client.h"

#include <utility>

namespace tollgate::publish {
namespace {

// Names of namespaces and objects need no percent-encoding: the API server lets in none that would.
std::string PathOf(const ObjectKey& object) {
  const std::string plural = object.kind == "ApiPlan" ? "apiplans" : "gatewayroutes";
  return "/apis/tollgate.dev/v1alpha1/namespaces/" + object.name.space + "/" + plural + "/" +
         object.name.name;
}

}  // namespace

Result<kube::Answer> KubeStatusClient::Read(const ObjectKey& object, std::stop_token stop) {
  return api_.Get(PathOf(object), std::move(stop));
}

Result<kube::Answer> KubeStatusClient::ApplyStatus(const ObjectKey& object, std::string document,
                                                   std::stop_token stop) {
  return api_.Apply(PathOf(object) + "/status", std::move(document), std::move(stop));
}

}  // namespace tollgate::publish
