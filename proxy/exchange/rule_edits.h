// What rules take from heads and put into them. Built from a catalog, then immutable; any thread may read.
#pragma once

#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "api/value_template.h"
#include "proxy/exchange/answer.h"
#include "proxy/exchange/error.h"
#include "proxy/exchange/exchange.h"
#include "proxy/http/path_template.h"

namespace tollgate::exchange {

// Of one rule.
class RuleEdits {
 public:
  explicit RuleEdits(const api::Rule& rule);

  // Changes what goes on to the upstream. A head that has no room for all that is set is refused, and so is a
  // request to a rule that cannot be read: a controller lets no such thing through.
  Outcome<Done> EditRequest(Exchange& x) const;
  // Changes an upstream's, stored or own answer, before the gateway's own fields are added.
  void EditAnswer(Exchange& x, Answer& answer) const;

 private:
  struct Value {
    std::string_view name;  // slices the catalog
    api::ValueTemplate value;
  };
  struct Edits {
    std::vector<std::string_view> remove;
    std::vector<Value> set;
  };

  void Read(const api::HeaderEdits& spec, Edits& edits);
  void ReadMatches(const api::Rule& rule);
  void Set(const Edits& edits, Exchange& x, http::Fields& fields) const;

  bool broken_ = false;
  const bool hides_upstream_;
  Edits request_;
  Edits answer_;
  bool uses_path_ = false;
  std::unordered_map<const api::PathMatch*, http::PathTemplate> matches_;  // where values use their variables
};

class EditTable {
 public:
  explicit EditTable(const snapshot::Catalog& catalog);

  // nullptr: the rule leaves heads as they are.
  const RuleEdits* Of(snapshot::RuleIndex rule) const { return edits_[rule].get(); }

 private:
  std::vector<std::unique_ptr<const RuleEdits>> edits_;
};

}  // namespace tollgate::exchange
