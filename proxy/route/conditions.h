// What a match asks of a request that no table answers: a path by a regular expression, headers, query
// parameters, cookies. Built from
// a catalog, then immutable; any thread may read.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "api/regex.h"
#include "api/snapshot.pb.h"
#include "proxy/route/request_values.h"

namespace tollgate::route {

// The programs of one table: each expression once, however many matches have it.
class RegexPool {
 public:
  // nullptr where it cannot be had: the compiler lets no such thing through.
  std::shared_ptr<const api::Regex> Get(std::string_view pattern);

 private:
  std::map<std::string_view, std::shared_ptr<const api::Regex>> programs_;  // slices the catalog
};

class Conditions {
 public:
  // Nothing where it cannot be said which requests the match is for. Slices `match`.
  static std::optional<Conditions> Read(const api::Match& match, RegexPool& programs);

  bool empty() const { return !path_ && headers_.empty() && parameters_.empty() && cookies_.empty(); }

  // Whether all of them fit.
  bool Fit(RequestValues& request) const;
  // Whether those on path and query do.
  bool TargetFits(RequestValues& request) const;

 private:
  struct Condition {
    std::string_view name;
    api::ValueMatch::Type type;
    std::string_view value;
    std::shared_ptr<const api::Regex> regex;

    bool Fits(std::optional<std::string_view> given) const;
  };
  using List = std::vector<Condition>;

  static bool ReadList(const google::protobuf::RepeatedPtrField<api::ValueMatch>& list, RegexPool& programs,
                       List& out);

  std::shared_ptr<const api::Regex> path_;  // nullptr: a path of another type
  List headers_;
  List parameters_;
  List cookies_;
};

}  // namespace tollgate::route
