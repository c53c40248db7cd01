// Where statuses are read and written: the API server, or a test's stand-in for it. Called by the status
// writer's thread alone.
#pragma once

#include <stop_token>
#include <string>

#include "api/base/result.h"
#include "controller/kube/client.h"
#include "controller/publish/status_input.h"

namespace tollgate::publish {

class StatusClient {
 public:
  virtual ~StatusClient() = default;

  // Both fail where no answer came, and soon after `stop` was requested.

  // The whole object as JSON text.
  virtual Result<kube::Answer> Read(const ObjectKey& object, std::stop_token stop) = 0;
  // Server-side apply of a document that holds a status and no more.
  virtual Result<kube::Answer> ApplyStatus(const ObjectKey& object, std::string document,
                                           std::stop_token stop) = 0;
};

class KubeStatusClient final : public StatusClient {
 public:
  // `api` must outlive it.
  explicit KubeStatusClient(const kube::ApiClient& api) : api_(api) {}

  Result<kube::Answer> Read(const ObjectKey& object, std::stop_token stop) override;
  Result<kube::Answer> ApplyStatus(const ObjectKey& object, std::string document,
                                   std::stop_token stop) override;

 private:
  const kube::ApiClient& api_;
};

}  // namespace tollgate::publish
