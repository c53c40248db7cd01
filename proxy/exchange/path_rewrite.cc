#include "proxy/exchange/path_rewrite.h"

#include <optional>
#include <string>

namespace tollgate::exchange {

PathRewrites::PathRewrites(const snapshot::Catalog& catalog) {
  for (const snapshot::RuleEntry& rule : catalog.rules()) {
    bool rewrites = Add(rule.spec->redirect().path());
    for (const api::Target& target : rule.spec->targets()) rewrites |= Add(target.rewrite_path());
    if (!rewrites) continue;
    for (const api::Match& match : rule.spec->matches()) {
      if (match.path().type() != api::PathMatch::TEMPLATE) continue;
      if (const auto parsed = http::PathTemplate::Parse(match.path().value())) {
        matches_.emplace(&match.path(), *parsed);
      }
    }
  }
}

bool PathRewrites::Add(const std::string& rewrite) {
  const auto parsed = http::PathTemplate::Parse(rewrite);
  if (parsed) rewrites_.emplace(&rewrite, *parsed);
  return parsed.has_value();
}

std::string_view PathRewrites::Apply(const std::string& rewrite, const api::PathMatch* match,
                                     std::string_view path, Arena& arena) const {
  if (rewrite.empty()) return path;
  const auto known = rewrites_.find(&rewrite);
  if (known == rewrites_.end()) return path;
  if (match != nullptr && match->type() == api::PathMatch::PREFIX) {
    std::string_view prefix = match->value();
    if (prefix.ends_with('/')) prefix.remove_suffix(1);
    std::string_view base = rewrite;
    const std::string_view rest = path.substr(prefix.size());
    if (base.ends_with('/') && rest.starts_with('/')) base.remove_suffix(1);
    return arena.Concat({base, rest});
  }
  http::Captures captures;
  const auto parsed = matches_.find(match);
  if (parsed != matches_.end()) (void)parsed->second.Match(path, captures);
  std::string expanded;
  known->second.Expand(captures, expanded);
  return arena.Keep(expanded);
}

}  // namespace tollgate::exchange
