// An OpenAPI v3 schema of a CRD (a structural one, as apiextensions.k8s.io/v1 wants it), compiled: one node
// for each value that it describes. Immutable after CompileSchema; any thread.
#pragma once

#include <re2/re2.h>

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace tollgate::resource {

// One of `x-kubernetes-validations`, as far as it is shown to users.
struct Validation {
  std::string sentence;    // its `message`: the name of its twin
  std::string field_path;  // ".plans": what it blames below the value; may be empty
};

struct SchemaNode {
  enum class Type { kObject, kArray, kString, kInteger, kBoolean, kIntOrString };
  enum class ListType { kAtomic, kSet, kMap };

  Type type = Type::kObject;
  std::map<std::string, std::unique_ptr<SchemaNode>> properties;
  // True for an object without `properties`, such as metadata: what stands in it is checked elsewhere.
  bool is_opaque = false;
  std::vector<std::string> required;
  std::unique_ptr<SchemaNode> items;
  ListType list_type = ListType::kAtomic;
  std::vector<std::string> list_map_keys;
  std::vector<std::string> words;  // `enum`
  std::unique_ptr<RE2> pattern;
  std::optional<uint64_t> min_length, max_length, min_items, max_items;
  std::optional<int64_t> minimum, maximum;
  std::vector<Validation> validations;
};

// Compiles a schema. It is part of the program, so a keyword that is not understood here, and would be
// ignored, ends the process.
std::unique_ptr<SchemaNode> CompileSchema(const nlohmann::json& schema);

// The schema of version v1alpha1 of a CRD.
const nlohmann::json& SchemaOfCrd(const nlohmann::json& crd);

}  // namespace tollgate::resource
