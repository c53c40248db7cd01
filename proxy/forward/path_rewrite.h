// The path that an upstream sees: `rewrite.path` of a target over what the match's variables stood for.
// Built from a catalog, then immutable; any thread may read.
#pragma once

#include <string_view>
#include <unordered_map>

#include "proxy/exchange/arena.h"
#include "proxy/http/path_template.h"
#include "proxy/snapshot/catalog.h"

namespace tollgate::forward {

class PathRewrites {
 public:
  explicit PathRewrites(const snapshot::Catalog& catalog);

  // A prefix is replaced by the rewrite, any other match's whole path is. Without a rewrite: the path itself.
  // `match` is the one that the path fitted, or nullptr.
  std::string_view Apply(const api::Target& target, const api::PathMatch* match, std::string_view path,
                         exchange::Arena& arena) const;

 private:
  std::unordered_map<const api::Target*, http::PathTemplate> rewrites_;
  std::unordered_map<const api::PathMatch*, http::PathTemplate> matches_;
};

}  // namespace tollgate::forward
