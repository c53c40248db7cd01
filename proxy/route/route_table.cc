#include "proxy/route/route_table.h"

#include <algorithm>
#include <tuple>

namespace tollgate::route {
namespace {

using exchange::Error;
using exchange::Problem;

// The order among matches that fit the same path on the same host: exact, template with more literal
// segments, longest prefix; then more conditions; then the oldest object, then its name, then as written.
struct Precedence {
  int kind;         // 0 exact, 1 template, 2 prefix, 3 no path, 4 a broken object
  int64_t literal;  // negative: more first
  int conditions;   // negative: more first
  int64_t created;
  std::string_view object;

  auto Key() const { return std::tie(kind, literal, conditions, created, object); }
  bool operator<(const Precedence& other) const { return Key() < other.Key(); }
};

int64_t LiteralSegments(const std::string& path) {
  const std::optional<http::PathTemplate> parsed = http::PathTemplate::Parse(path);
  return parsed ? static_cast<int64_t>(parsed->literal_count()) : 0;
}

// A prefix takes whole segments, with or without a slash at its end.
std::string_view WithoutLastSlash(std::string_view prefix) {
  if (prefix.ends_with('/')) prefix.remove_suffix(1);
  return prefix;
}

// Whether it can be said which requests a match is for. The compiler lets nothing else through.
bool IsReadable(const api::Match& match) {
  if (!match.has_path()) return true;
  switch (match.path().type()) {
    case api::PathMatch::EXACT:
    case api::PathMatch::PREFIX: return true;
    case api::PathMatch::TEMPLATE: return http::PathTemplate::Parse(match.path().value()).has_value();
    default: return false;
  }
}

Precedence PrecedenceOf(const snapshot::RouteEntry& route, const api::Match* match) {
  Precedence order{4, 0, 0, route.spec.created(), route.name};
  if (match == nullptr) return order;
  order.conditions = match->methods().empty() ? 0 : -1;
  switch (match->path().type()) {
    case api::PathMatch::EXACT: order.kind = 0; break;
    case api::PathMatch::TEMPLATE:
      order.kind = 1;
      order.literal = -LiteralSegments(match->path().value());
      break;
    case api::PathMatch::PREFIX:
      order.kind = 2;
      order.literal = -static_cast<int64_t>(WithoutLastSlash(match->path().value()).size());
      break;
    default: order.kind = 3; break;
  }
  return order;
}

bool Allows(const api::Match& match, std::string_view method) {
  const auto& methods = match.methods();
  return methods.empty() || std::find(methods.begin(), methods.end(), method) != methods.end();
}

Error MethodNotAllowed(std::vector<std::string_view> methods) {
  std::sort(methods.begin(), methods.end());
  methods.erase(std::unique(methods.begin(), methods.end()), methods.end());
  std::string allow;
  for (const std::string_view method : methods) {
    if (!allow.empty()) allow += ", ";
    allow += method;
  }
  return {.problem = Problem::kMethodNotAllowed,
          .detail = "This path is served for " + allow + " only.",
          .allow = allow};
}

}  // namespace

RouteTable::RouteTable(const snapshot::Catalog& catalog) : catalog_(catalog) {
  CollectEntries();
  SortEntries();
  for (PathTree::EntryNumber number = 0; number < entries_.size(); ++number) PlaceEntry(number);
}

void RouteTable::CollectEntries() {
  for (snapshot::RouteIndex r = 0; r < catalog_.routes().size(); ++r) {
    if (!catalog_.routes()[r].spec.broken().empty()) entries_.push_back(Unreadable(r));
  }
  for (snapshot::RuleIndex i = 0; i < catalog_.rules().size(); ++i) {
    const snapshot::RuleEntry& rule = catalog_.rules()[i];
    if (rule.spec->matches().empty()) entries_.push_back(Unreadable(rule.route));
    for (const api::Match& match : rule.spec->matches()) {
      const Entry entry{rule.route, &rule, i, &match};
      entries_.push_back(IsReadable(match) ? entry : Unreadable(rule.route));
    }
  }
}

void RouteTable::SortEntries() {
  std::vector<std::pair<Precedence, Entry>> ranked;
  ranked.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    ranked.emplace_back(PrecedenceOf(catalog_.routes()[entry.route], entry.match), entry);
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (size_t i = 0; i < ranked.size(); ++i) entries_[i] = ranked[i].second;
}

RouteTable::Host& RouteTable::HostNamed(const std::string& name) {
  if (name.starts_with("*.")) return wildcard_hosts_[name.substr(2)];
  return exact_hosts_[name];
}

void RouteTable::PlaceEntry(PathTree::EntryNumber number) {
  const Entry& entry = entries_[number];
  const auto place = [&](PathTree& tree) {
    const bool has_path = entry.match != nullptr && entry.match->has_path();
    if (!has_path) return tree.AddPrefix("/", number);
    const api::PathMatch& path = entry.match->path();
    if (path.type() == api::PathMatch::EXACT) return tree.AddExact(path.value(), number);
    if (path.type() == api::PathMatch::PREFIX) return tree.AddPrefix(path.value(), number);
    tree.AddTemplate(*http::PathTemplate::Parse(path.value()), number);
  };
  const auto& hosts = catalog_.routes()[entry.route].spec.hosts();
  if (hosts.empty()) return place(any_host_.paths);
  for (const std::string& host : hosts) place(HostNamed(host).paths);
}

const RouteTable::Host* RouteTable::FindHost(std::string_view host) const {
  if (const auto exact = exact_hosts_.find(host); exact != exact_hosts_.end()) return &exact->second;
  // "*." is one or more labels: the longest suffix behind a dot wins.
  for (size_t dot = host.find('.'); dot != std::string_view::npos; dot = host.find('.', dot + 1)) {
    const auto wildcard = wildcard_hosts_.find(host.substr(dot + 1));
    if (dot > 0 && wildcard != wildcard_hosts_.end()) return &wildcard->second;
  }
  return &any_host_;
}

exchange::Outcome<exchange::Routed> RouteTable::Find(std::string_view method,
                                                     const http::Target& target) const {
  thread_local std::vector<PathTree::EntryNumber> candidates;
  candidates.clear();
  FindHost(target.host)->paths.Find(target.path, candidates);
  return Choose(method, candidates);
}

exchange::Outcome<exchange::Routed> RouteTable::Choose(std::string_view method,
                                                       std::vector<PathTree::EntryNumber>& candidates) const {
  const Entry* best = nullptr;
  for (const PathTree::EntryNumber number : candidates) {
    const Entry& entry = entries_[number];
    const bool fits = entry.match == nullptr || Allows(*entry.match, method);
    if (fits && (best == nullptr || &entry < best)) best = &entry;
  }
  if (best == nullptr && candidates.empty()) {
    return Error{.problem = Problem::kNoRoute, .detail = "No route serves this host and path."};
  }
  if (best == nullptr) {
    std::vector<std::string_view> methods;
    for (const PathTree::EntryNumber number : candidates) {
      for (const std::string& allowed : entries_[number].match->methods()) methods.push_back(allowed);
    }
    return MethodNotAllowed(std::move(methods));
  }
  const snapshot::RouteEntry& route = catalog_.routes()[best->route];
  if (best->rule == nullptr || !best->rule->spec->broken().empty()) {
    const bool whole = best->rule == nullptr;
    return Error{.problem = Problem::kRuleBroken,
                 .detail =
                     "The configuration of this route is broken; its owner finds the reason in the "
                     "GatewayRoute's status.",
                 .reason = whole ? "object-broken" : "rule-broken",
                 .route = route.name,
                 .rule = whole ? std::string_view() : std::string_view(best->rule->spec->name())};
  }
  return exchange::Routed{&route, best->rule, best->rule_index,
                          best->match->has_path() ? &best->match->path() : nullptr};
}

}  // namespace tollgate::route
