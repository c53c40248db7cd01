#include "controller/compile/matches.h"

#include "controller/compile/canonical_path.h"
#include "controller/compile/match_values.h"
#include "controller/compile/text.h"

namespace tollgate::compile {
namespace {

using resource::PathMatch;

api::PathMatch::Type TypeOf(PathMatch::Type type) {
  switch (type) {
    case PathMatch::Type::kExact: return api::PathMatch::EXACT;
    case PathMatch::Type::kPrefix: return api::PathMatch::PREFIX;
    case PathMatch::Type::kTemplate: return api::PathMatch::TEMPLATE;
    case PathMatch::Type::kRegex: return api::PathMatch::REGEX;
  }
  return api::PathMatch::TYPE_UNSPECIFIED;
}

Result<std::string> Canonical(const PathMatch& path, const RegexTable& regexes) {
  if (path.type == PathMatch::Type::kTemplate) return CanonicalTemplate(path.value);
  if (path.type != PathMatch::Type::kRegex) return CanonicalPath(path.value);
  if (auto fault = regexes.FaultOf(path.value)) return Fault{*std::move(fault)};
  return path.value;
}

Result<api::PathMatch> CompilePath(const PathMatch& path, const RegexTable& regexes) {
  Result<std::string> canonical = Canonical(path, regexes);
  if (!canonical) return canonical.error();
  api::PathMatch compiled;
  compiled.set_type(TypeOf(path.type));
  compiled.set_value(*std::move(canonical));
  return compiled;
}

void AddMatch(const resource::Match& match, const std::string& field, const RegexTable& regexes,
              CompiledMatches& result) {
  api::Match compiled;
  for (const std::string& method : Distinct(match.methods)) compiled.add_methods(method);
  if (match.path) {
    Result<api::PathMatch> path = CompilePath(*match.path, regexes);
    if (!path) {
      result.mistakes.push_back({field + ".path.value", path.error().message});
      return;
    }
    *compiled.mutable_path() = *std::move(path);
  }
  const std::vector<resource::Mistake> mistakes = CompileMatchValues(match, field, regexes, compiled);
  result.mistakes.insert(result.mistakes.end(), mistakes.begin(), mistakes.end());
  result.matches.push_back(std::move(compiled));
}

}  // namespace

CompiledMatches CompileMatches(const resource::Rule& rule, const std::string& field,
                               const RegexTable& regexes) {
  CompiledMatches result;
  // A rule without matches serves every request of its hosts, as in Gateway API.
  if (rule.matches.empty()) result.matches.emplace_back();
  for (size_t i = 0; i < rule.matches.size(); ++i) {
    AddMatch(rule.matches[i], field + ".matches[" + std::to_string(i) + "]", regexes, result);
  }
  return result;
}

}  // namespace tollgate::compile
