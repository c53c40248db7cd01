#include "controller/compile/conditions.h"

#include <algorithm>

#include "api/base/check.h"

namespace tollgate::compile {
namespace {

constexpr size_t kNamesListed = 8;

}  // namespace

std::string ListOf(const std::vector<std::string>& names) {
  const size_t listed = std::min(names.size(), kNamesListed);
  std::string list;
  for (size_t i = 0; i < listed; ++i) list += (i > 0 ? ", " : "") + names[i];
  if (names.size() > listed) list += " and " + std::to_string(names.size() - listed) + " more";
  return list;
}

std::string Summarize(const std::vector<resource::Mistake>& mistakes) {
  TOLLGATE_CHECK(!mistakes.empty());
  const std::string sentence = mistakes[0].field + ": " + mistakes[0].message;
  std::vector<std::string> others;
  for (size_t i = 1; i < mistakes.size(); ++i) others.push_back(mistakes[i].field);
  return others.empty() ? sentence : sentence + " (and mistakes in " + ListOf(others) + ")";
}

}  // namespace tollgate::compile
