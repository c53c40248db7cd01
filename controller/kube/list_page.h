// A page of a list, as the API server writes it. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/base/result.h"

namespace tollgate::kube {

struct ListPage {
  std::string resource_version;  // of the whole list: where a watch goes on
  std::string continue_token;    // of the next page; empty: this was the last
};

// Reads the answer to a list and appends the text of each of its objects. Objects of the core kinds come
// without `kind` and `apiVersion` of their own here.
Result<ListPage> ReadListPage(std::string_view body, std::vector<std::string>& objects);

}  // namespace tollgate::kube
