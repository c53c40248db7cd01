#include "proxy/forward/path_rewrite.h"

#include <optional>
#include <string>

namespace tollgate::forward {

PathRewrites::PathRewrites(const snapshot::Catalog& catalog) {
  for (const snapshot::RuleEntry& rule : catalog.rules()) {
    bool rewrites = false;
    for (const api::Target& target : rule.spec->targets()) {
      const auto parsed = http::PathTemplate::Parse(target.rewrite_path());
      if (!parsed) continue;
      rewrites_.emplace(&target, *parsed);
      rewrites = true;
    }
    if (!rewrites) continue;
    for (const api::Match& match : rule.spec->matches()) {
      if (match.path().type() != api::PathMatch::TEMPLATE) continue;
      if (const auto parsed = http::PathTemplate::Parse(match.path().value())) {
        matches_.emplace(&match.path(), *parsed);
      }
    }
  }
}

std::string_view PathRewrites::Apply(const api::Target& target, const api::PathMatch* match,
                                     std::string_view path, exchange::Arena& arena) const {
  if (target.rewrite_path().empty()) return path;
  const auto rewrite = rewrites_.find(&target);
  if (rewrite == rewrites_.end()) return path;
  if (match != nullptr && match->type() == api::PathMatch::PREFIX) {
    std::string_view prefix = match->value();
    if (prefix.ends_with('/')) prefix.remove_suffix(1);
    std::string_view base = target.rewrite_path();
    const std::string_view rest = path.substr(prefix.size());
    if (base.ends_with('/') && rest.starts_with('/')) base.remove_suffix(1);
    return arena.Concat({base, rest});
  }
  http::Captures captures;
  const auto parsed = matches_.find(match);
  if (parsed != matches_.end()) (void)parsed->second.Match(path, captures);
  std::string expanded;
  rewrite->second.Expand(captures, expanded);
  return arena.Keep(expanded);
}

}  // namespace tollgate::forward
