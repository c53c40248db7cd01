#include "controller/resource/schema.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller/resource/crd.h"

namespace tollgate::resource {
namespace {

using nlohmann::json;
using Type = SchemaNode::Type;

std::string TypeName(const json& value) {
  if (value.is_number_float()) return "number";
  return value.is_number() ? "integer" : value.type_name();
}

std::string ExpectedType(Type type) {
  switch (type) {
    case Type::kObject: return "object";
    case Type::kArray: return "array";
    case Type::kString: return "string";
    case Type::kInteger: return "integer";
    case Type::kBoolean: return "boolean";
    case Type::kIntOrString: return "integer,string";
  }
  return "";
}

bool HasType(const json& value, Type type) {
  switch (type) {
    case Type::kObject: return value.is_object();
    case Type::kArray: return value.is_array();
    case Type::kString: return value.is_string();
    case Type::kInteger: return value.is_number_integer();
    case Type::kBoolean: return value.is_boolean();
    case Type::kIntOrString: return value.is_number_integer() || value.is_string();
  }
  return false;
}

// Lengths count characters, not bytes, whatever the apiserver's own message says.
uint64_t CharacterCount(const std::string& text) {
  return static_cast<uint64_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string Shown(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

// Walks an object and its schema side by side.
class SchemaWalk {
 public:
  void Check(const SchemaNode& node, const std::string& path, const json& value) {
    if (!HasType(value, node.type)) {
      const std::string quoted = "\"" + TypeName(value) + "\"";
      Invalid(path, quoted, "must be of type " + ExpectedType(node.type) + ": " + quoted);
      return;
    }
    if (value.is_object()) CheckObject(node, path, value);
    if (value.is_array()) CheckArray(node, path, value);
    if (value.is_string()) CheckString(node, path, value);
    if (value.is_number_integer()) CheckInteger(node, path, value);
  }

  std::vector<Mistake> Finish() && { return std::move(mistakes_); }

 private:
  void Note(const std::string& path, std::string message) { mistakes_.push_back({path, std::move(message)}); }

  void Invalid(const std::string& path, const std::string& shown, const std::string& why) {
    Note(path, "Invalid value: " + shown + ": " + path + " in body " + why);
  }

  void CheckObject(const SchemaNode& node, const std::string& path, const json& value) {
    if (node.is_opaque) return;
    const std::string prefix = path.empty() ? "" : path + ".";
    for (const std::string& name : node.required) {
      const auto member = value.find(name);
      if (member == value.end() || member->is_null()) Note(prefix + name, "Required value");
    }
    for (const auto& [name, member] : value.items()) {
      const auto property = node.properties.find(name);
      if (property == node.properties.end()) {
        Note(prefix + name, "unknown field \"" + prefix + name + "\"");
      } else if (path.empty() && name == "metadata") {
        CheckMetadata(*property->second, member);
      } else if (!member.is_null() && !(path.empty() && name == "status")) {
        Check(*property->second, prefix + name, member);
      }
    }
  }

  // A CRD may only narrow metadata, whose own schema is the apiserver's (metadata.h).
  void CheckMetadata(const SchemaNode& node, const json& metadata) {
    if (!metadata.is_object()) return;
    for (const auto& [name, property] : node.properties) {
      const auto member = metadata.find(name);
      if (member != metadata.end() && !member->is_null()) Check(*property, "metadata." + name, *member);
    }
  }

  void CheckArray(const SchemaNode& node, const std::string& path, const json& list) {
    if (node.min_items && list.size() < *node.min_items) {
      Invalid(path, std::to_string(list.size()),
              "should have at least " + std::to_string(*node.min_items) + " items");
    }
    if (node.max_items && list.size() > *node.max_items) {
      // What stands in it is not looked at: the bound is what keeps that affordable.
      return Note(path, "Too many: " + std::to_string(list.size()) + ": must have at most " +
                            std::to_string(*node.max_items) + " items");
    }
    for (size_t i = 0; i < list.size(); ++i)
      Check(*node.items, path + "[" + std::to_string(i) + "]", list[i]);
    CheckUnique(node, path, list);
  }

  // What an item of a set or map must not share with an earlier one; null where it has no such identity.
  static json IdentityOf(const SchemaNode& node, const json& item) {
    if (node.list_type == SchemaNode::ListType::kSet) return item;
    if (!item.is_object()) return nullptr;
    json identity = json::object();
    for (const std::string& key : node.list_map_keys) {
      const auto member = item.find(key);
      if (member == item.end() || member->is_null()) return nullptr;
      identity[key] = *member;
    }
    return identity;
  }

  void CheckUnique(const SchemaNode& node, const std::string& path, const json& list) {
    if (node.list_type == SchemaNode::ListType::kAtomic) return;
    std::vector<json> seen;
    for (size_t i = 0; i < list.size(); ++i) {
      json identity = IdentityOf(node, list[i]);
      if (identity.is_null()) continue;
      if (std::find(seen.begin(), seen.end(), identity) != seen.end()) {
        Note(path + "[" + std::to_string(i) + "]", "Duplicate value: " + Shown(identity));
      } else {
        seen.push_back(std::move(identity));
      }
    }
  }

  void CheckString(const SchemaNode& node, const std::string& path, const json& value) {
    const std::string& text = value.get_ref<const std::string&>();
    const uint64_t length = CharacterCount(text);
    if (node.max_length && length > *node.max_length) {
      return Note(path, "Too long: may not be more than " + std::to_string(*node.max_length) + " bytes");
    }
    if (node.min_length && length < *node.min_length) {
      return Invalid(path, Shown(value),
                     "should be at least " + std::to_string(*node.min_length) + " chars long");
    }
    if (node.pattern && !RE2::PartialMatch(text, *node.pattern)) {
      Invalid(path, Shown(value), "should match '" + node.pattern->pattern() + "'");
    }
    CheckWord(node, path, value);
  }

  void CheckWord(const SchemaNode& node, const std::string& path, const json& value) {
    const bool is_known = std::find(node.words.begin(), node.words.end(), value) != node.words.end();
    if (node.words.empty() || is_known) return;
    std::string words;
    for (const std::string& word : node.words) words += (words.empty() ? "\"" : ", \"") + word + "\"";
    Note(path, "Unsupported value: " + Shown(value) + ": supported values: " + words);
  }

  void CheckInteger(const SchemaNode& node, const std::string& path, const json& value) {
    const bool is_huge = value.is_number_unsigned() && value.get<uint64_t>() > INT64_MAX;
    const int64_t number = is_huge ? INT64_MAX : value.get<int64_t>();
    if (node.minimum && number < *node.minimum) {
      Invalid(path, Shown(value), "should be greater than or equal to " + std::to_string(*node.minimum));
    }
    if (node.maximum && number > *node.maximum) {
      Invalid(path, Shown(value), "should be less than or equal to " + std::to_string(*node.maximum));
    }
  }

  std::vector<Mistake> mistakes_;
};

}  // namespace

const SchemaNode& GatewayRouteSchema() {
  static const auto schema = CompileSchema(SchemaOfCrd(GatewayRouteCrd()));
  return *schema;
}

const SchemaNode& ApiPlanSchema() {
  static const auto schema = CompileSchema(SchemaOfCrd(ApiPlanCrd()));
  return *schema;
}

std::vector<Mistake> CheckSchema(const SchemaNode& schema, const json& object) {
  SchemaWalk walk;
  walk.Check(schema, "", object);
  return std::move(walk).Finish();
}

}  // namespace tollgate::resource
