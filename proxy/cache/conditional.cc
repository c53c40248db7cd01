#include "proxy/cache/conditional.h"

#include <string_view>

#include "proxy/cache/list_reader.h"
#include "proxy/http/characters.h"
#include "proxy/http/head_writer.h"

namespace tollgate::cache {
namespace {

using http::KnownHeader;

// RFC 9110, section 8.8.3.2: weak comparison looks at the opaque tags alone.
std::string_view OpaqueTag(std::string_view etag) { return etag.starts_with("W/") ? etag.substr(2) : etag; }

// Whether one If-None-Match line names the tag. Commas inside of a tag's quotes do not part it; a tag has no
// escapes (section 8.8.3), so a backslash before the closing quote must not swallow it.
bool NamesTag(std::string_view list, std::string_view tag) {
  while (!list.empty()) {
    const size_t open = list.find('"');
    if (open == std::string_view::npos) return false;
    const size_t close = list.find('"', open + 1);
    if (close == std::string_view::npos) return false;
    if (list.substr(open, close - open + 1) == tag) return true;
    list.remove_prefix(close + 1);
  }
  return false;
}

bool IfNoneMatchFails(const StoredResponse& response, const http::Fields& request) {
  const std::string_view tag = OpaqueTag(response.etag);
  for (const http::Field& field : request) {
    if (field.known != KnownHeader::kIfNoneMatch) continue;
    if (http::TrimBlanks(field.value) == "*") return true;
    if (!tag.empty() && NamesTag(field.value, tag)) return true;
  }
  return false;
}

}  // namespace

bool IsNotModified(const StoredResponse& response, const http::Fields& request) {
  if (response.status != 200) return false;
  if (request.Find(KnownHeader::kIfNoneMatch) != nullptr) return IfNoneMatchFails(response, request);
  const http::Field* since = request.Find(KnownHeader::kIfModifiedSince);
  int64_t seconds = 0;
  // Section 13.1.3: what is no date is ignored.
  return since != nullptr && http::ParseHttpDate(since->value, seconds) && response.modified <= seconds;
}

}  // namespace tollgate::cache
