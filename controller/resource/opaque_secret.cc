#include "controller/resource/opaque_secret.h"

#include <nlohmann/json.hpp>

#include "controller/resource/metadata.h"
#include "controller/resource/parse.h"
#include "controller/resource/secret_data.h"

namespace tollgate::resource {
namespace {

std::string_view WithoutLineEnd(std::string_view value) {
  if (value.ends_with('\n')) value.remove_suffix(1);
  if (value.ends_with('\r')) value.remove_suffix(1);
  return value;
}

}  // namespace

OpaqueSecret ParseOpaqueSecret(const nlohmann::json& object) {
  OpaqueSecret secret;
  secret.meta = ParseMetadata(object);
  secret.mistakes = CheckMetadata(object);
  CheckSecretEntries(object, secret.mistakes);
  for (const auto& [name, value] : SecretEntries(object, secret.mistakes)) {
    const std::string_view token = WithoutLineEnd(value);
    if (!token.empty()) secret.digests.emplace(name, Sha256(token));
  }
  return secret;
}

}  // namespace tollgate::resource
