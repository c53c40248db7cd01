#include "controller/resource/secret_data.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "controller/resource/base64.h"
#include "controller/resource/json_access.h"
#include "controller/resource/metadata.h"
#include "controller/resource/parse.h"

namespace tollgate::resource {

using nlohmann::json;

void CheckSecretEntries(const json& object, std::vector<Mistake>& mistakes) {
  for (const char* name : {"data", "stringData"}) {
    if (Has(object, name) && !Member(object, name).is_object()) {
      mistakes.push_back({name, "must be a mapping of entries' names to their text"});
    }
  }
}

std::map<std::string, std::string> SecretEntries(const json& object, std::vector<Mistake>& mistakes) {
  std::map<std::string, std::string> entries;
  for (const auto& [name, value] : ObjectAt(object, "data").items()) {
    const std::optional<std::string> bytes =
        value.is_string() ? FromBase64(value.get_ref<const std::string&>()) : std::nullopt;
    if (bytes) {
      entries[name] = *bytes;
    } else {
      mistakes.push_back({name, "is no base64: encode it, or write the entry under stringData"});
    }
  }
  for (const auto& [name, value] : ObjectAt(object, "stringData").items()) {
    if (value.is_string()) {
      entries[name] = value.get<std::string>();
    } else {
      mistakes.push_back({name, "is no text: put it in quotes"});
    }
  }
  return entries;
}

std::vector<Mistake> CheckSecretFields(const json& object) {
  static const std::set<std::string> kFields{"apiVersion", "kind",       "metadata", "type",
                                             "data",       "stringData", "immutable"};
  std::vector<Mistake> mistakes = CheckMetadataFields(object);
  for (const auto& [name, value] : object.items()) {
    if (!kFields.contains(name)) mistakes.push_back({name, "unknown field \"" + name + "\""});
  }
  return mistakes;
}

}  // namespace tollgate::resource
