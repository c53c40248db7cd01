#include "controller/compile/regexes.h"

#include "api/regex.h"
#include "controller/compile/seniority.h"

namespace tollgate::compile {

using resource::ValueMatch;

RegexTable::RegexTable(const store::ObjectMap<resource::GatewayRoute>& routes, size_t most) {
  for (const resource::GatewayRoute* route : OldestFirst(routes)) {
    if (route->security) {
      for (const std::string& pattern : route->security->deny_patterns) AddPattern(pattern, most);
    }
    for (const resource::Rule& rule : route->rules) {
      for (const resource::Match& match : rule.matches) Add(match, most);
    }
  }
}

void RegexTable::Add(const resource::Match& match, size_t most) {
  if (match.path && match.path->type == resource::PathMatch::Type::kRegex) {
    AddPattern(match.path->value, most);
  }
  for (const auto* conditions : {&match.headers, &match.query, &match.cookies}) {
    for (const ValueMatch& condition : *conditions) {
      if (condition.type == ValueMatch::Type::kRegex) AddPattern(condition.value, most);
    }
  }
}

void RegexTable::AddPattern(const std::string& pattern, size_t most) {
  const auto [at, is_new] = faults_.try_emplace(pattern);
  if (!is_new) return;
  if (const auto regex = api::Regex::Compile(pattern); !regex) {
    at->second = regex.error().message;
  } else if (served_ == most) {
    at->second = "is one more regular expression than the " + std::to_string(most) +
                 " that the routes of an installation may have together, the oldest first: use Exact or "
                 "Prefix, or one that stands elsewhere already";
  } else {
    ++served_;
  }
}

std::optional<std::string> RegexTable::FaultOf(const std::string& pattern) const {
  const auto found = faults_.find(pattern);
  if (found == faults_.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

}  // namespace tollgate::compile
