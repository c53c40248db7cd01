#include "controller/resource/metadata.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "api/base/clock.h"
#include "controller/resource/json_access.h"
#include "controller/resource/name_text.h"

namespace tollgate::resource {
namespace {

using nlohmann::json;

// The fields of ObjectMeta (Kubernetes API reference, meta/v1).
constexpr std::array kFields{"annotations",
                             "creationTimestamp",
                             "deletionGracePeriodSeconds",
                             "deletionTimestamp",
                             "finalizers",
                             "generateName",
                             "generation",
                             "labels",
                             "managedFields",
                             "name",
                             "namespace",
                             "ownerReferences",
                             "resourceVersion",
                             "selfLink",
                             "uid"};

constexpr char kNoSubdomain[] =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr char kNoLabel[] =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start "
    "and "
    "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

std::string Shown(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

void CheckText(const json& metadata, const char* key, bool (*is_valid)(const std::string&), const char* why,
               std::vector<Mistake>& mistakes) {
  const json& value = Member(metadata, key);
  if (value.is_null() || (value.is_string() && is_valid(value.get_ref<const std::string&>()))) return;
  mistakes.push_back({std::string("metadata.") + key, "Invalid value: " + Shown(value) + ": " + why});
}

void CheckTexts(const json& metadata, const char* key, std::vector<Mistake>& mistakes) {
  const std::string field = std::string("metadata.") + key;
  const json& texts = Member(metadata, key);
  if (!texts.is_null() && !texts.is_object())
    mistakes.push_back({field, "must be a mapping of text to text"});
  for (const auto& [name, value] : ObjectAt(metadata, key).items()) {
    if (value.is_string() || value.is_null()) continue;
    mistakes.push_back({field + "." + name, "must be text: put " + Shown(value) + " in quotes"});
  }
}

}  // namespace

ObjectMeta ParseMetadata(const json& object) {
  const json& metadata = ObjectAt(object, "metadata");
  ObjectMeta meta;
  meta.name = {OptionalText(metadata, "namespace").value_or(kDefaultNamespace), Text(metadata, "name")};
  meta.uid = Text(metadata, "uid");
  meta.resource_version = Text(metadata, "resourceVersion");
  meta.generation = OptionalInteger(metadata, "generation").value_or(0);
  meta.created = ParseRfc3339(Text(metadata, "creationTimestamp")).value_or(0) / 1'000'000;
  return meta;
}

std::string LabelOf(const json& object, std::string_view label) {
  return Text(ObjectAt(ObjectAt(object, "metadata"), "labels"), label);
}

std::vector<Mistake> CheckMetadata(const json& object) {
  std::vector<Mistake> mistakes;
  const json& metadata = ObjectAt(object, "metadata");
  if (!Has(metadata, "name")) {
    mistakes.push_back({"metadata.name", "Required value: name or generateName is required"});
  }
  CheckText(metadata, "name", IsSubdomain, kNoSubdomain, mistakes);
  CheckText(metadata, "namespace", IsLabel, kNoLabel, mistakes);
  CheckTexts(metadata, "labels", mistakes);
  CheckTexts(metadata, "annotations", mistakes);
  return mistakes;
}

std::vector<Mistake> CheckMetadataFields(const json& object) {
  std::vector<Mistake> mistakes;
  for (const auto& [name, value] : ObjectAt(object, "metadata").items()) {
    if (std::find(kFields.begin(), kFields.end(), name) != kFields.end()) continue;
    const std::string field = "metadata." + name;
    mistakes.push_back({field, "unknown field \"" + field + "\""});
  }
  return mistakes;
}

}  // namespace tollgate::resource
