#include "controller/publish/secret_store.h"

namespace tollgate::publish {

KubeSecretStore::KubeSecretStore(const kube::ApiClient& api, std::string space)
    : api_(api), path_("/api/v1/namespaces/" + space + "/secrets") {}

Result<kube::Answer> KubeSecretStore::Read(const std::string& name) { return api_.Get(path_ + "/" + name); }

Result<kube::Answer> KubeSecretStore::Write(const std::string& name, const std::string& document,
                                            bool exists) {
  return exists ? api_.MergePatch(path_ + "/" + name, document) : api_.Create(path_, document);
}

}  // namespace tollgate::publish
