#include "proxy/route/route_table.h"

#include <algorithm>

#include "proxy/route/precedence.h"

namespace tollgate::route {
namespace {

using exchange::Error;
using exchange::Problem;

// Whether it can be said which paths a match is for. The compiler lets nothing else through.
bool HasReadablePath(const api::Match& match) {
  if (!match.has_path()) return true;
  switch (match.path().type()) {
    case api::PathMatch::EXACT:
    case api::PathMatch::PREFIX:
    case api::PathMatch::REGEX: return true;
    case api::PathMatch::TEMPLATE: return http::PathTemplate::Parse(match.path().value()).has_value();
    default: return false;
  }
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

RouteTable::Entry RouteTable::ReadMatch(Entry entry, RegexPool& programs) {
  std::optional<Conditions> conditions = Conditions::Read(*entry.match, programs);
  if (!conditions || !HasReadablePath(*entry.match)) return Unreadable(entry.route);
  if (!conditions->empty()) entry.conditions = &conditions_.emplace_back(*std::move(conditions));
  return entry;
}

void RouteTable::CollectEntries() {
  RegexPool programs;
  for (snapshot::RouteIndex r = 0; r < catalog_.routes().size(); ++r) {
    if (!catalog_.routes()[r].spec.broken().empty()) entries_.push_back(Unreadable(r));
  }
  for (snapshot::RuleIndex i = 0; i < catalog_.rules().size(); ++i) {
    const snapshot::RuleEntry& rule = catalog_.rules()[i];
    if (rule.spec->matches().empty()) entries_.push_back(Unreadable(rule.route));
    for (const api::Match& match : rule.spec->matches()) {
      entries_.push_back(ReadMatch({rule.route, &rule, i, &match, nullptr}, programs));
    }
  }
}

void RouteTable::SortEntries() {
  std::vector<std::pair<Precedence, Entry>> ranked;
  ranked.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    ranked.emplace_back(Precedence(catalog_.routes()[entry.route], entry.match), entry);
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (size_t i = 0; i < ranked.size(); ++i) entries_[i] = ranked[i].second;
  const auto first = std::find_if(entries_.begin(), entries_.end(), IsRegex);
  first_regex_ = static_cast<PathTree::EntryNumber>(first - entries_.begin());
}

RouteTable::Host& RouteTable::HostNamed(const std::string& name) {
  if (name.starts_with("*.")) return wildcard_hosts_[name.substr(2)];
  return exact_hosts_[name];
}

void RouteTable::PlaceEntry(PathTree::EntryNumber number) {
  const Entry& entry = entries_[number];
  const auto place = [&](Host& host) {
    PathTree& tree = host.paths;
    const bool has_path = entry.match != nullptr && entry.match->has_path();
    if (!has_path) return tree.AddPrefix("/", number);
    if (IsRegex(entry)) return host.regexes.push_back(number);
    const api::PathMatch& path = entry.match->path();
    if (path.type() == api::PathMatch::EXACT) return tree.AddExact(path.value(), number);
    if (path.type() == api::PathMatch::PREFIX) return tree.AddPrefix(path.value(), number);
    tree.AddTemplate(*http::PathTemplate::Parse(path.value()), number);
  };
  const auto& hosts = catalog_.routes()[entry.route].spec.hosts();
  if (hosts.empty()) return place(any_host_);
  for (const std::string& host : hosts) place(HostNamed(host));
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

exchange::Outcome<exchange::Routed> RouteTable::Find(const http::RequestHead& head,
                                                     const http::Target& target,
                                                     exchange::Arena& arena) const {
  thread_local std::vector<PathTree::EntryNumber> found;
  const Candidates candidates = CandidatesOf(*FindHost(target.host), target.path, found);
  RequestValues values(head.fields, target, arena);
  const Entry* const chosen = Choose(head.method, candidates, values);
  if (chosen == nullptr) return Refuse(candidates, values);
  const bool broken = chosen->rule == nullptr || !chosen->rule->spec->broken().empty();
  if (broken) return RuleBroken(*chosen);
  return RoutedTo(*chosen);
}

std::optional<exchange::Routed> RouteTable::FindPreflighted(std::string_view method,
                                                            const http::RequestHead& head,
                                                            const http::Target& target,
                                                            exchange::Arena& arena) const {
  std::vector<PathTree::EntryNumber> found;
  const Candidates candidates = CandidatesOf(*FindHost(target.host), target.path, found);
  RequestValues values(head.fields, target, arena);
  for (const std::span<const PathTree::EntryNumber> numbers : candidates) {
    for (const PathTree::EntryNumber number : numbers) {
      const Entry& entry = entries_[number];
      const bool serves = entry.rule != nullptr && entry.rule->spec->broken().empty();
      if (!serves || !Allows(*entry.match, method)) continue;
      if (entry.conditions == nullptr || entry.conditions->TargetFits(values)) return RoutedTo(entry);
    }
  }
  return std::nullopt;
}

exchange::Routed RouteTable::RoutedTo(const Entry& entry) const {
  return {&catalog_.routes()[entry.route], entry.rule, entry.rule_index,
          entry.match->has_path() ? &entry.match->path() : nullptr};
}

RouteTable::Candidates RouteTable::CandidatesOf(const Host& host, std::string_view path,
                                                std::vector<PathTree::EntryNumber>& found) const {
  found.clear();
  host.paths.Find(path, found);
  // Sorted, so that nothing is looked at behind the one that serves. Those of one path come so already.
  if (!std::is_sorted(found.begin(), found.end())) std::sort(found.begin(), found.end());
  const auto behind = std::lower_bound(found.begin(), found.end(), first_regex_);
  return {{{found.begin(), behind}, host.regexes, {behind, found.end()}}};
}

const RouteTable::Entry* RouteTable::Choose(std::string_view method, const Candidates& candidates,
                                            RequestValues& values) const {
  for (const std::span<const PathTree::EntryNumber> numbers : candidates) {
    for (const PathTree::EntryNumber number : numbers) {
      const Entry& entry = entries_[number];
      const bool fits =
          entry.match == nullptr || (Allows(*entry.match, method) && ConditionsFit(entry, values));
      if (fits) return &entry;
    }
  }
  return nullptr;
}

// Where a match fits but for its method, the caller learns which methods there are.
exchange::Error RouteTable::Refuse(const Candidates& candidates, RequestValues& values) const {
  std::vector<std::string_view> methods;
  for (const std::span<const PathTree::EntryNumber> numbers : candidates) {
    for (const PathTree::EntryNumber number : numbers) {
      const Entry& entry = entries_[number];
      if (!ConditionsFit(entry, values)) continue;
      methods.insert(methods.end(), entry.match->methods().begin(), entry.match->methods().end());
    }
  }
  if (!methods.empty()) return MethodNotAllowed(std::move(methods));
  return exchange::NoRoute();
}

exchange::Error RouteTable::RuleBroken(const Entry& entry) const {
  const bool whole = entry.rule == nullptr;
  return {.problem = Problem::kRuleBroken,
          .detail =
              "The configuration of this route is broken; its owner finds the reason in the "
              "GatewayRoute's status.",
          .reason = whole ? "object-broken" : "rule-broken",
          .route = catalog_.routes()[entry.route].name,
          .rule = whole ? std::string_view() : std::string_view(entry.rule->spec->name())};
}

}  // namespace tollgate::route
