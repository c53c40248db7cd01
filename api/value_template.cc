#include "api/value_template.h"

#include <algorithm>
#include <utility>

namespace tollgate::api {
namespace {

constexpr std::array kNames = std::to_array<std::pair<std::string_view, Variable>>({
    {"consumer", Variable::kConsumer},
    {"plan", Variable::kPlan},
    {"group", Variable::kGroup},
    {"route", Variable::kRoute},
    {"rule", Variable::kRule},
    {"operation", Variable::kOperation},
    {"requestId", Variable::kRequestId},
    {"clientAddress", Variable::kClientAddress},
    {"host", Variable::kHost},
    {"path", Variable::kPath},
});

constexpr char kBraces[] = "; a brace of its own is written {{ or }}";

bool IsName(std::string_view text) {
  constexpr std::string_view kMore = "-_";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMore.find(static_cast<char>(c)) != std::string_view::npos;
  });
}

}  // namespace

Variable VariableNamed(std::string_view name) {
  for (const auto& [text, variable] : kNames) {
    if (text == name) return variable;
  }
  return Variable::kOfPath;
}

void ValueTemplate::AddText(char c) {
  if (pieces_.empty() || pieces_.back().variable) pieces_.emplace_back();
  pieces_.back().text += c;
}

Result<ValueTemplate> ValueTemplate::Parse(std::string_view text) {
  ValueTemplate parsed;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool doubled = i + 1 < text.size() && text[i + 1] == text[i];
    if ((text[i] == '{' || text[i] == '}') && doubled) ++i;
    if (text[i] != '{' || doubled) {
      if (text[i] == '}' && !doubled)
        return Fault{"has a } that closes nothing: remove it" + std::string(kBraces)};
      parsed.AddText(text[i]);
      continue;
    }
    const size_t close = text.find('}', i);
    const std::string_view name = text.substr(i + 1, close - i - 1);
    if (close == std::string_view::npos || !IsName(name)) {
      return Fault{"has a { without a variable's name and } behind it: write {name}" + std::string(kBraces)};
    }
    parsed.pieces_.push_back({std::string(name), VariableNamed(name)});
    i += name.size() + 1;
  }
  if (parsed.pieces_.size() <= kMostPieces) return parsed;
  return Fault{"has more than " + std::to_string(kMostPieces) +
               " variables and texts between them: use fewer"};
}

}  // namespace tollgate::api
