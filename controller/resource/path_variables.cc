#include "controller/resource/path_variables.h"

#include <algorithm>
#include <string_view>

#include "api/value_template.h"

namespace tollgate::resource {
namespace {

using Names = std::vector<std::string_view>;

// The names between braces, without the dots of "{name...}".
Names VariablesOf(std::string_view path) {
  Names names;
  for (size_t open = path.find('{'); open != std::string_view::npos; open = path.find('{', open + 1)) {
    std::string_view name = path.substr(open + 1, path.find('}', open) - open - 1);
    if (name.ends_with("...")) name.remove_suffix(3);
    names.push_back(name);
  }
  return names;
}

bool Contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// To compare variables is beyond the budget of CEL, so a cluster accepts what is noted here.
void Note(const std::string& field, std::string message, Rule& rule) {
  rule.mistakes.push_back({field, std::move(message), /*admissible=*/true});
}

// Notes the first variable that stands twice. True when there is one.
bool NoteRepeated(const std::string& field, std::string_view path, Rule& rule) {
  Names seen;
  for (const std::string_view name : VariablesOf(path)) {
    if (Contains(seen, name)) {
      Note(field, "the variable {" + std::string(name) + "} stands twice in this path; rename one of them",
           rule);
      return true;
    }
    seen.push_back(name);
  }
  return false;
}

bool StandsInEveryMatch(std::string_view name, const Rule& rule) {
  return !rule.matches.empty() &&
         std::all_of(rule.matches.begin(), rule.matches.end(), [&](const Match& match) {
           return match.path && match.path->type == PathMatch::Type::kTemplate &&
                  Contains(VariablesOf(match.path->value), name);
         });
}

// Values of headers.
void CheckValues(const std::string& field, const std::vector<HeaderValue>& set, Rule& rule) {
  for (size_t i = 0; i < set.size(); ++i) {
    const std::string at = field + ".set[" + std::to_string(i) + "].value";
    const Result<api::ValueTemplate> parsed = api::ValueTemplate::Parse(set[i].value);
    if (!parsed) {
      Note(at, parsed.error().message, rule);
      continue;
    }
    for (const api::ValueTemplate::Piece& piece : parsed->pieces()) {
      if (piece.variable != api::Variable::kOfPath || StandsInEveryMatch(piece.text, rule)) continue;
      Note(at,
           "the variable {" + piece.text +
               "} is none of the gateway's and does not stand in every match of the rule; add it there, or "
               "write {{" +
               piece.text + "}} for the text",
           rule);
    }
  }
}

void CheckRewrite(const std::string& field, const std::string& path, Rule& rule) {
  if (NoteRepeated(field, path, rule)) return;
  for (const std::string_view name : VariablesOf(path)) {
    if (StandsInEveryMatch(name, rule)) continue;
    Note(field,
         "the variable {" + std::string(name) +
             "} does not stand in every match of the rule; add it there, or split the rule",
         rule);
  }
}

}  // namespace

void CheckPathVariables(const std::string& field, Rule& rule) {
  for (size_t i = 0; i < rule.matches.size(); ++i) {
    const std::optional<PathMatch>& path = rule.matches[i].path;
    if (!path || path->type != PathMatch::Type::kTemplate) continue;
    const std::string at = field + ".matches[" + std::to_string(i) + "].path.value";
    if (NoteRepeated(at, path->value, rule)) rule.matches_readable = false;
  }
  for (size_t i = 0; i < rule.targets.size(); ++i) {
    const std::optional<std::string>& path = rule.targets[i].rewrite_path;
    const std::string at = field + ".upstream.targets[" + std::to_string(i) + "].rewrite.path";
    if (path) CheckRewrite(at, *path, rule);
  }
  if (rule.redirect && rule.redirect->path)
    CheckRewrite(field + ".redirect.path", *rule.redirect->path, rule);
  CheckValues(field + ".request.headers", rule.request_headers.set, rule);
  CheckValues(field + ".response.headers", rule.response_headers.set, rule);
}

}  // namespace tollgate::resource
