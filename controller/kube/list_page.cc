#include "controller/kube/list_page.h"

#include "controller/kube/json_slice.h"

namespace tollgate::kube {

Result<ListPage> ReadListPage(std::string_view body, std::vector<std::string>& objects) {
  const auto metadata = JsonMember(body, "metadata");
  const auto items = JsonMember(body, "items");
  if (!metadata || !items) return Fault{"The API server's answer is no list of objects."};
  ListPage page;
  const auto version = JsonMember(*metadata, "resourceVersion");
  if (const auto text = version ? PlainJsonString(*version) : std::nullopt) page.resource_version = *text;
  if (page.resource_version.empty()) return Fault{"The API server's list has no resourceVersion."};
  const auto next = JsonMember(*metadata, "continue");
  if (const auto text = next ? PlainJsonString(*next) : std::nullopt) page.continue_token = *text;
  // A list without objects may be written so.
  if (*items == "null") return page;
  if (!ForEachJsonElement(*items, [&](std::string_view object) { objects.emplace_back(object); })) {
    return Fault{"The API server's list of objects is cut off."};
  }
  return page;
}

}  // namespace tollgate::kube
