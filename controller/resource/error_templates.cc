#include "controller/resource/error_templates.h"

#include <nlohmann/json.hpp>
#include <set>

#include "controller/resource/json_access.h"

namespace tollgate::resource {

using nlohmann::json;

namespace {

Broken Unless(bool holds) { return holds ? Broken{} : Broken{""}; }

}  // namespace

std::vector<ErrorTemplate> ReadErrorTemplates(const json& spec) {
  std::vector<ErrorTemplate> templates;
  for (const json& item : ListAt(ObjectAt(spec, "errors"), "templates")) {
    templates.push_back({Text(item, "problem"), Text(item, "contentType"), Text(item, "body")});
  }
  return templates;
}

Broken TemplatesGoWithTheirFormat(const json& errors) {
  return Unless((Text(errors, "format") == "Template") == Has(errors, "templates"));
}

Broken EachProblemHasOneTemplate(const json& templates) {
  std::set<std::string> problems;
  for (const json& item : templates) {
    if (!problems.insert(Text(item, "problem")).second) return Unless(false);
  }
  return {};
}

}  // namespace tollgate::resource
