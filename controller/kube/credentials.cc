#include "controller/kube/credentials.h"

#include <cstdlib>

namespace tollgate::kube {
namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// The certificate of every API server also names this; its own IPv6 address cannot be had, since cpprestsdk
// hands "[fd00::1]" to the resolver as it stands.
constexpr char kServiceName[] = "kubernetes.default.svc";

}  // namespace

PodAccount OwnPodAccount() {
  PodAccount account;
  account.host = Environment("KUBERNETES_SERVICE_HOST");
  account.port = Environment("KUBERNETES_SERVICE_PORT");
  return account;
}

Result<Credentials> LoadPodAccount(const PodAccount& account) {
  if (account.host.empty() || account.port.empty()) {
    return Fault{
        "Not in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; "
        "outside a cluster, name a kubeconfig file by --kubeconfig."};
  }
  const bool is_ipv6 = account.host.find(':') != std::string::npos;
  Credentials own;
  own.server = "https://" + (is_ipv6 ? kServiceName : account.host) + ":" + account.port;
  own.authority = TextSource::File(account.folder + "/ca.crt");
  own.token = TextSource::File(account.folder + "/token");
  own.source = "the pod's account in " + account.folder;
  for (const auto* part : {&*own.authority, &*own.token}) {
    if (auto text = part->Read(); !text) {
      return Fault{text.error().message + " The pod needs automountServiceAccountToken: true."};
    }
  }
  auto space = ReadFile(account.folder + "/namespace");
  if (!space) return space.error();
  own.space = *space;
  return own;
}

}  // namespace tollgate::kube
