#include "controller/publish/secret_record.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "controller/resource/base64.h"
#include "controller/resource/json_access.h"

namespace tollgate::publish {
namespace {

using nlohmann::json;
using resource::ListAt;
using resource::ObjectAt;
using resource::Text;

constexpr char kManagedBy[] = "app.kubernetes.io/managed-by";
constexpr char kController[] = "tollgate-controller";

}  // namespace

std::string SecretRecord::Value(const std::string& key) const {
  const auto value = values.find(key);
  return value == values.end() ? "" : value->second;
}

Result<SecretRecord> ReadSecret(const std::string& object) {
  const json parsed = json::parse(object, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) return Fault{"the API server's answer is not an object; try again"};
  const json& metadata = ObjectAt(parsed, "metadata");
  SecretRecord record{.resource_version = Text(metadata, "resourceVersion"),
                      .is_ours = Text(ObjectAt(metadata, "labels"), kManagedBy) == kController,
                      .owners = {},
                      .values = {}};
  for (const json& owner : ListAt(metadata, "ownerReferences")) record.owners.push_back(Text(owner, "uid"));
  for (const auto& [key, value] : ObjectAt(parsed, "data").items()) {
    std::optional<std::string> text;
    if (value.is_string()) text = resource::FromBase64(value.get_ref<const std::string&>());
    if (!text)
      return Fault{"its entry " + key + " is not base64; delete the Secret, so that a new one is made"};
    record.values[key] = std::move(*text);
  }
  return record;
}

std::string SecretDocument(const std::string& name, const SecretBelonging& belonging,
                           const SecretRecord& present, const std::map<std::string, std::string>& wanted) {
  json document = {{"apiVersion", "v1"},
                   {"kind", "Secret"},
                   {"metadata", {{"name", name}, {"labels", json::object()}}},
                   {"stringData", wanted}};
  document["metadata"]["labels"] = {{kManagedBy, kController},
                                    {"tollgate.dev/installation", belonging.installation}};
  if (belonging.owner) {
    document["metadata"]["ownerReferences"] = {{{"apiVersion", "v1"},
                                                {"kind", "ServiceAccount"},
                                                {"name", belonging.owner->name},
                                                {"uid", belonging.owner->uid}}};
  }
  if (!present.exists()) {
    document["type"] = "kubernetes.io/tls";
    return document.dump();
  }
  document["metadata"]["resourceVersion"] = present.resource_version;
  for (const auto& [key, value] : present.values) {
    if (!wanted.contains(key)) document["data"][key] = nullptr;  // RFC 7386: null removes
  }
  return document.dump();
}

}  // namespace tollgate::publish
