// A Secret of the push as text values: read from what the API server shows, written as what it takes. Pure;
// any thread. Values hold private keys: never logged.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/base/result.h"
#include "controller/publish/secret_owner.h"

namespace tollgate::publish {

struct SecretRecord {
  std::string resource_version;     // empty: it is not there yet
  bool is_ours = true;              // made by a controller, who may renew it
  std::vector<std::string> owners;  // the uids of all its owners
  std::map<std::string, std::string> values;

  bool exists() const { return !resource_version.empty(); }
  // Whether garbage collection leaves it alone as long as this owner is there.
  bool BelongsTo(const SecretOwner& owner) const {
    return std::find(owners.begin(), owners.end(), owner.uid) != owners.end();
  }
  // Empty where there is none.
  std::string Value(const std::string& key) const;
};

Result<SecretRecord> ReadSecret(const std::string& object);

// Whose a Secret is that a controller makes.
struct SecretBelonging {
  std::string installation;
  std::optional<SecretOwner> owner;  // nothing: it outlives the controller
};

// The document that makes the Secret be `wanted`, where it is now as `present` says.
std::string SecretDocument(const std::string& name, const SecretBelonging& belonging,
                           const SecretRecord& present, const std::map<std::string, std::string>& wanted);

}  // namespace tollgate::publish
