// Who the Secrets of the push belong to: the controller's own account, so that they go when an uninstall
// takes it away (Kubernetes' garbage collection by ownerReferences). Not its Deployment: of its account a pod
// knows name and uid by the token, with no further right. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tollgate::publish {

struct SecretOwner {
  std::string name;  // of the ServiceAccount
  std::string uid;

  bool operator==(const SecretOwner&) const = default;
};

// Read from a token that Kubernetes made for an account of namespace `space`; nothing where it is not one. An
// owner in another namespace is none to Kubernetes: the Secret would be deleted at once. The token is not
// verified: whoever could forge it could write the Secret as well.
std::optional<SecretOwner> OwnerByToken(std::string_view token, const std::string& space);

}  // namespace tollgate::publish
