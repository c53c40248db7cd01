// Which rule a request is for: host, then path, then conditions, in the order of the API ("Matching").
// Built from a catalog, then immutable; any thread may read.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "proxy/exchange/arena.h"
#include "proxy/exchange/error.h"
#include "proxy/exchange/permitted.h"
#include "proxy/http/target.h"
#include "proxy/route/conditions.h"
#include "proxy/route/path_tree.h"
#include "proxy/snapshot/catalog.h"

namespace tollgate::route {

class RouteTable {
 public:
  explicit RouteTable(const snapshot::Catalog& catalog);

  // The rule that serves a request; or no-route, method-not-allowed (with Allow), rule-broken. A rule or
  // object that could not be compiled refuses what it would have served: never 404, never open.
  // Costs what the matches cost that fit the host and path, in order, up to the one that serves.
  exchange::Outcome<exchange::Routed> Find(const http::RequestHead& head, const http::Target& target,
                                           exchange::Arena& arena) const;

  // The rule that would serve a request of another method to the same target, as far as its path and query
  // tell: a browser asks beforehand without the headers and cookies that it will send. Nothing where none
  // would.
  std::optional<exchange::Routed> FindPreflighted(std::string_view method, const http::RequestHead& head,
                                                  const http::Target& target, exchange::Arena& arena) const;

 private:
  // One match of one rule, or what stands for matches of an object that cannot be read.
  struct Entry {
    snapshot::RouteIndex route;
    const snapshot::RuleEntry* rule;  // nullptr: unreadable
    snapshot::RuleIndex rule_index;
    const api::Match* match;
    const Conditions* conditions;  // nullptr: none
  };
  // What may fit, in order of precedence.
  using Candidates = std::array<std::span<const PathTree::EntryNumber>, 3>;
  struct Host {
    PathTree paths;
    std::vector<PathTree::EntryNumber> regexes;  // in order of precedence
  };
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using HostMap = std::unordered_map<std::string, Host, TextHash, std::equal_to<>>;

  // Answers for the object's hosts where no other rule does.
  static Entry Unreadable(snapshot::RouteIndex route) { return {route, nullptr, 0, nullptr, nullptr}; }

  static bool IsRegex(const Entry& entry) {
    return entry.match != nullptr && entry.match->path().type() == api::PathMatch::REGEX;
  }
  static bool ConditionsFit(const Entry& entry, RequestValues& values) {
    return entry.conditions == nullptr || entry.conditions->Fit(values);
  }

  void CollectEntries();
  Entry ReadMatch(Entry entry, RegexPool& programs);
  void SortEntries();
  void PlaceEntry(PathTree::EntryNumber number);
  Host& HostNamed(const std::string& name);
  const Host* FindHost(std::string_view host) const;
  // Of a path. Slices the host and `found`.
  Candidates CandidatesOf(const Host& host, std::string_view path,
                          std::vector<PathTree::EntryNumber>& found) const;
  // The first that fits wholly; nullptr where none does.
  const Entry* Choose(std::string_view method, const Candidates& candidates, RequestValues& values) const;
  exchange::Routed RoutedTo(const Entry& entry) const;
  exchange::Error Refuse(const Candidates& candidates, RequestValues& values) const;
  exchange::Error RuleBroken(const Entry& entry) const;

  const snapshot::Catalog& catalog_;
  std::vector<Entry> entries_;  // in order of precedence
  std::deque<Conditions> conditions_;
  // Paths by regular expression have the numbers from here on, up to those of matches without a path.
  PathTree::EntryNumber first_regex_ = 0;
  HostMap exact_hosts_;
  HostMap wildcard_hosts_;  // by what follows "*."
  Host any_host_;
};

}  // namespace tollgate::route
