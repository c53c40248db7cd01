#include "controller/compile/match_values.h"

#include "controller/compile/text.h"

namespace tollgate::compile {
namespace {

using resource::Mistake;
using resource::ValueMatch;
using CompiledList = google::protobuf::RepeatedPtrField<api::ValueMatch>;

api::ValueMatch::Type TypeOf(ValueMatch::Type type) {
  switch (type) {
    case ValueMatch::Type::kExact: return api::ValueMatch::EXACT;
    case ValueMatch::Type::kPrefix: return api::ValueMatch::PREFIX;
    case ValueMatch::Type::kRegex: return api::ValueMatch::REGEX;
    case ValueMatch::Type::kPresent: return api::ValueMatch::PRESENT;
  }
  return api::ValueMatch::TYPE_UNSPECIFIED;
}

void AddList(const std::vector<ValueMatch>& list, const std::string& field, const RegexTable& regexes,
             CompiledList& compiled, std::vector<Mistake>& mistakes) {
  for (size_t i = 0; i < list.size(); ++i) {
    api::ValueMatch& condition = *compiled.Add();
    condition.set_name(list[i].name);
    condition.set_type(TypeOf(list[i].type));
    condition.set_value(list[i].value);
    if (list[i].type != ValueMatch::Type::kRegex) continue;
    if (const auto fault = regexes.FaultOf(list[i].value)) {
      mistakes.push_back({field + "[" + std::to_string(i) + "].value", *fault});
    }
  }
}

}  // namespace

std::vector<Mistake> CompileMatchValues(const resource::Match& match, const std::string& field,
                                        const RegexTable& regexes, api::Match& compiled) {
  std::vector<Mistake> mistakes;
  AddList(match.headers, field + ".headers", regexes, *compiled.mutable_headers(), mistakes);
  AddList(match.query, field + ".query", regexes, *compiled.mutable_query(), mistakes);
  AddList(match.cookies, field + ".cookies", regexes, *compiled.mutable_cookies(), mistakes);
  // The proxy compares names of headers without regard to case, and need not turn this side around each time.
  for (api::ValueMatch& header : *compiled.mutable_headers()) header.set_name(LowerCase(header.name()));
  return mistakes;
}

}  // namespace tollgate::compile
