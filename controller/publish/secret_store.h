// The Secrets of the controller's own namespace, or a test's stand-in for them. One thread.
#pragma once

#include <string>

#include "api/base/result.h"
#include "controller/kube/client.h"

namespace tollgate::publish {

class SecretStore {
 public:
  virtual ~SecretStore() = default;

  virtual Result<kube::Answer> Read(const std::string& name) = 0;
  // Makes a new Secret of the document, or merges it into the one that is there: in the version that its
  // metadata.resourceVersion names. 409: somebody else was faster.
  virtual Result<kube::Answer> Write(const std::string& name, const std::string& document, bool exists) = 0;
};

class KubeSecretStore final : public SecretStore {
 public:
  // `api` must outlive it. `space` is the namespace.
  KubeSecretStore(const kube::ApiClient& api, std::string space);

  Result<kube::Answer> Read(const std::string& name) override;
  Result<kube::Answer> Write(const std::string& name, const std::string& document, bool exists) override;

 private:
  const kube::ApiClient& api_;
  const std::string path_;
};

}  // namespace tollgate::publish
