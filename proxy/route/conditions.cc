#include "proxy/route/conditions.h"

#include <algorithm>

namespace tollgate::route {

std::shared_ptr<const api::Regex> RegexPool::Get(std::string_view pattern) {
  if (const auto known = programs_.find(pattern); known != programs_.end()) return known->second;
  if (programs_.size() == api::kMostRegexes) return nullptr;
  Result<api::Regex> program = api::Regex::Compile(pattern);
  if (!program) return nullptr;
  return programs_[pattern] = std::make_shared<const api::Regex>(*std::move(program));
}

bool Conditions::ReadList(const google::protobuf::RepeatedPtrField<api::ValueMatch>& list,
                          RegexPool& programs, List& out) {
  for (const api::ValueMatch& match : list) {
    if (!api::ValueMatch::Type_IsValid(match.type()) || match.type() == api::ValueMatch::TYPE_UNSPECIFIED) {
      return false;
    }
    Condition& condition = out.emplace_back(Condition{match.name(), match.type(), match.value(), nullptr});
    if (match.type() != api::ValueMatch::REGEX) continue;
    condition.regex = programs.Get(match.value());
    if (condition.regex == nullptr) return false;
  }
  return true;
}

std::optional<Conditions> Conditions::Read(const api::Match& match, RegexPool& programs) {
  Conditions conditions;
  if (match.path().type() == api::PathMatch::REGEX) {
    conditions.path_ = programs.Get(match.path().value());
    if (conditions.path_ == nullptr) return std::nullopt;
  }
  const bool readable = ReadList(match.headers(), programs, conditions.headers_) &&
                        ReadList(match.query(), programs, conditions.parameters_) &&
                        ReadList(match.cookies(), programs, conditions.cookies_);
  return readable ? std::optional(std::move(conditions)) : std::nullopt;
}

bool Conditions::Condition::Fits(std::optional<std::string_view> given) const {
  if (!given) return false;
  switch (type) {
    case api::ValueMatch::EXACT: return *given == value;
    case api::ValueMatch::PREFIX: return given->starts_with(value);
    case api::ValueMatch::REGEX: return regex->FitsWhole(*given);
    case api::ValueMatch::PRESENT: return true;
    default: return false;
  }
}

bool Conditions::TargetFits(RequestValues& request) const {
  if (path_ && !path_->FitsWhole(request.path())) return false;
  return std::all_of(parameters_.begin(), parameters_.end(),
                     [&](const Condition& c) { return c.Fits(request.Parameter(c.name)); });
}

bool Conditions::Fit(RequestValues& request) const {
  return TargetFits(request) &&
         std::all_of(headers_.begin(), headers_.end(),
                     [&](const Condition& c) { return c.Fits(request.Header(c.name)); }) &&
         std::all_of(cookies_.begin(), cookies_.end(),
                     [&](const Condition& c) { return c.Fits(request.Cookie(c.name)); });
}

}  // namespace tollgate::route
