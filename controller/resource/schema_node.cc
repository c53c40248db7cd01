#include "controller/resource/schema_node.h"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <nlohmann/json.hpp>

namespace tollgate::resource {
namespace {

using nlohmann::json;
using Type = SchemaNode::Type;

[[noreturn]] void DieOf(const std::string& what) {
  std::fprintf(stderr, "crds: controller/resource does not understand %s\n", what.c_str());
  std::abort();
}

Type TypeOf(const json& name) {
  static const std::map<std::string, Type> types{{"object", Type::kObject},
                                                 {"array", Type::kArray},
                                                 {"string", Type::kString},
                                                 {"integer", Type::kInteger},
                                                 {"boolean", Type::kBoolean}};
  const auto type = types.find(name.get<std::string>());
  if (type == types.end()) DieOf("type " + name.dump());
  return type->second;
}

SchemaNode::ListType ListTypeOf(const json& name) {
  if (name == "set") return SchemaNode::ListType::kSet;
  if (name == "map") return SchemaNode::ListType::kMap;
  if (name != "atomic") DieOf("x-kubernetes-list-type " + name.dump());
  return SchemaNode::ListType::kAtomic;
}

std::vector<Validation> ValidationsOf(const json& list) {
  std::vector<Validation> validations;
  for (const json& entry : list) validations.push_back({entry.at("message"), entry.value("fieldPath", "")});
  return validations;
}

void AddProperties(const json& properties, SchemaNode& node) {
  for (const auto& [name, schema] : properties.items()) node.properties[name] = CompileSchema(schema);
}

void SetPattern(const json& pattern, SchemaNode& node) {
  node.pattern = std::make_unique<RE2>(pattern.get<std::string>());
  if (!node.pattern->ok()) DieOf("pattern " + pattern.dump());
}

using Keyword = std::function<void(const json& value, SchemaNode& node)>;

// What constrains nothing by itself: descriptions; `format` (of integers it repeats minimum and maximum; the
// times of `status` are written by us alone); `default` (stands at a union's type only, where absent and
// default are the same to our readers); `anyOf`, which goes with int-or-string and says the same.
void Ignore(const json&, SchemaNode&) {}

const std::map<std::string, Keyword>& Keywords() {
  static const std::map<std::string, Keyword> keywords{
      {"description", Ignore},
      {"format", Ignore},
      {"default", Ignore},
      {"anyOf", Ignore},
      {"type", [](const json& value, SchemaNode& node) { node.type = TypeOf(value); }},
      {"x-kubernetes-int-or-string", [](const json&, SchemaNode& node) { node.type = Type::kIntOrString; }},
      {"properties", AddProperties},
      {"required", [](const json& value, SchemaNode& node) { value.get_to(node.required); }},
      {"items", [](const json& value, SchemaNode& node) { node.items = CompileSchema(value); }},
      {"x-kubernetes-list-type",
       [](const json& value, SchemaNode& node) { node.list_type = ListTypeOf(value); }},
      {"x-kubernetes-list-map-keys",
       [](const json& value, SchemaNode& node) { value.get_to(node.list_map_keys); }},
      {"enum", [](const json& value, SchemaNode& node) { value.get_to(node.words); }},
      {"pattern", SetPattern},
      {"minLength", [](const json& value, SchemaNode& node) { node.min_length = value; }},
      {"maxLength", [](const json& value, SchemaNode& node) { node.max_length = value; }},
      {"minItems", [](const json& value, SchemaNode& node) { node.min_items = value; }},
      {"maxItems", [](const json& value, SchemaNode& node) { node.max_items = value; }},
      {"minimum", [](const json& value, SchemaNode& node) { node.minimum = value; }},
      {"maximum", [](const json& value, SchemaNode& node) { node.maximum = value; }},
      {"x-kubernetes-validations",
       [](const json& value, SchemaNode& node) { node.validations = ValidationsOf(value); }},
  };
  return keywords;
}

}  // namespace

std::unique_ptr<SchemaNode> CompileSchema(const json& schema) {
  auto node = std::make_unique<SchemaNode>();
  for (const auto& [name, value] : schema.items()) {
    const auto keyword = Keywords().find(name);
    if (keyword == Keywords().end()) DieOf("keyword " + name);
    keyword->second(value, *node);
  }
  node->is_opaque = node->type == Type::kObject && node->properties.empty();
  return node;
}

const json& SchemaOfCrd(const json& crd) {
  for (const json& version : crd.at("spec").at("versions")) {
    if (version.at("name") == "v1alpha1") return version.at("schema").at("openAPIV3Schema");
  }
  DieOf("a CRD without version v1alpha1");
}

}  // namespace tollgate::resource
