#include "controller/resource/match_values.h"

#include <re2/re2.h>

#include <nlohmann/json.hpp>

#include "controller/resource/json_access.h"

namespace tollgate::resource {
namespace {

using nlohmann::json;

Broken Unless(bool holds) { return holds ? Broken{} : Broken{""}; }

bool IsPresent(const json& condition) { return Text(condition, "type") == "Present"; }

// A kube-apiserver has no bound for what an expression takes; a proxy has, which is looked at later, in
// compile.
bool IsReadable(const std::string& pattern) {
  const RE2 program(pattern, RE2::Quiet);
  return program.ok() || program.error_code() == RE2::ErrorPatternTooLarge;
}

}  // namespace

std::vector<ValueMatch> ReadValueMatches(const json& match, std::string_view key) {
  std::vector<ValueMatch> conditions;
  for (const json& item : ListAt(match, key)) {
    ValueMatch condition;
    condition.name = Text(item, "name");
    condition.type = EnumAt<ValueMatch::Type>(item, "type",
                                              {{"Exact", ValueMatch::Type::kExact},
                                               {"Prefix", ValueMatch::Type::kPrefix},
                                               {"Regex", ValueMatch::Type::kRegex},
                                               {"Present", ValueMatch::Type::kPresent}})
                         .value_or(ValueMatch::Type::kExact);
    condition.value = Text(item, "value");
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

Broken ValueIsGiven(const json& condition) { return Unless(IsPresent(condition) || Has(condition, "value")); }

Broken PresentHasNoValue(const json& condition) {
  return Unless(!IsPresent(condition) || !Has(condition, "value"));
}

Broken RegexIsReadable(const json& condition) {
  return Unless(Text(condition, "type") != "Regex" || IsReadable(Text(condition, "value")));
}

Broken HeaderIsTheCallers(const json& name) {
  static const RE2 kGateways("(?i)^x[-_]tollgate[-_]");
  return Unless(!RE2::PartialMatch(name.get_ref<const std::string&>(), kGateways));
}

}  // namespace tollgate::resource
