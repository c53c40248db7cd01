#include "controller/resource/constraints.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace tollgate::resource {
namespace {

using nlohmann::json;

// Whether `field` is `path` or lies below it.
bool LiesIn(std::string_view field, std::string_view path) {
  if (!field.starts_with(path)) return false;
  return field.size() == path.size() || field[path.size()] == '.' || field[path.size()] == '[';
}

class ConstraintWalk {
 public:
  ConstraintWalk(std::span<const Twin> twins, const std::vector<Mistake>& found)
      : twins_(twins), found_(found) {}

  void Check(const SchemaNode& node, const std::string& path, const json& value) {
    if (!node.validations.empty() && MayJudge(path, value)) Apply(node, path, value);
    if (value.is_array() && node.items) {
      for (size_t i = 0; i < value.size(); ++i) {
        Check(*node.items, path + "[" + std::to_string(i) + "]", value[i]);
      }
    }
    if (!value.is_object()) return;
    for (const auto& [name, member] : value.items()) {
      const auto property = node.properties.find(name);
      if (property != node.properties.end() && !member.is_null()) {
        Check(*property->second, path.empty() ? name : path + "." + name, member);
      }
    }
  }

  std::vector<Mistake> Finish() && { return std::move(mistakes_); }

 private:
  bool MayJudge(const std::string& path, const json& value) const {
    if (path == "spec") return value.is_object();
    return std::none_of(found_.begin(), found_.end(),
                        [&](const Mistake& mistake) { return LiesIn(mistake.field, path); });
  }

  void Apply(const SchemaNode& node, const std::string& path, const json& value) {
    for (const Validation& validation : node.validations) {
      const auto twin = std::find_if(twins_.begin(), twins_.end(), [&](const Twin& candidate) {
        return candidate.sentence == validation.sentence;
      });
      if (twin == twins_.end()) continue;
      for (const std::string& below : twin->check(value)) {
        mistakes_.push_back({path + (below.empty() ? validation.field_path : below), validation.sentence});
      }
    }
  }

  std::span<const Twin> twins_;
  const std::vector<Mistake>& found_;
  std::vector<Mistake> mistakes_;
};

}  // namespace

std::vector<Mistake> CheckConstraints(const SchemaNode& schema, std::span<const Twin> twins,
                                      const json& object, const std::vector<Mistake>& found) {
  ConstraintWalk walk(twins, found);
  walk.Check(schema, "", object);
  return std::move(walk).Finish();
}

}  // namespace tollgate::resource
