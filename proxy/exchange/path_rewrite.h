// The path that a rule makes of a request's: a template over what the variables of the match stood for.
// Built from a catalog, then immutable; any thread may read.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "proxy/exchange/arena.h"
#include "proxy/http/path_template.h"
#include "proxy/snapshot/catalog.h"

namespace tollgate::exchange {

class PathRewrites {
 public:
  explicit PathRewrites(const snapshot::Catalog& catalog);

  // A prefix is replaced by the rewrite, any other match's whole path is; where the rewrite is empty,
  // nothing. `rewrite` stands in the catalog; `match` is the one that the path fitted, or nullptr.
  std::string_view Apply(const std::string& rewrite, const api::PathMatch* match, std::string_view path,
                         Arena& arena) const;

 private:
  bool Add(const std::string& rewrite);

  std::unordered_map<const std::string*, http::PathTemplate> rewrites_;
  std::unordered_map<const api::PathMatch*, http::PathTemplate> matches_;
};

}  // namespace tollgate::exchange
