#include "proxy/cache/stored_head.h"

#include <string>
#include <string_view>

#include "proxy/cache/freshness.h"
#include "proxy/http/head_writer.h"
#include "proxy/http/hop_by_hop.h"

namespace tollgate::cache {
namespace {

using http::KnownHeader;

constexpr std::string_view kSeparator = ": ";
constexpr std::string_view kLineEnd = "\r\n";

bool IsKept(const http::Field& field, const http::ConnectionOptions& connection) {
  // The id is that of another request: the gateway gives each answer its own.
  return field.known != KnownHeader::kContentLength && field.known != KnownHeader::kAge &&
         field.known != KnownHeader::kXRequestId && !connection.Names(field);
}

// RFC 9110, section 15.4.5. Last-Modified only where there is no ETag to say the same better.
bool IsOfNotModified(const http::Field& field, bool has_etag) {
  switch (field.known) {
    case KnownHeader::kCacheControl:
    case KnownHeader::kDate:
    case KnownHeader::kEtag:
    case KnownHeader::kExpires:
    case KnownHeader::kVary: return true;
    case KnownHeader::kLastModified: return !has_etag;
    default: return http::EqualsIgnoringCase(field.name, "content-location");
  }
}

size_t LineSize(const http::Field& field) {
  return field.name.size() + kSeparator.size() + field.value.size() + kLineEnd.size();
}

// Fields are slices of the lines, which must therefore not move while they grow: an upper bound for both.
void Reserve(const http::Fields& fields, const http::Field& date, StoredResponse& out) {
  size_t size = LineSize(date);
  for (const http::Field& field : fields) size += LineSize(field);
  out.lines.reserve(size);
  out.fields.reserve(fields.size() + 1);
}

void AddLine(const http::Field& field, StoredResponse& out) {
  std::string& lines = out.lines;
  const size_t name_at = lines.size();
  lines.append(field.name).append(kSeparator);
  const size_t value_at = lines.size();
  lines.append(field.value).append(kLineEnd);
  const std::string_view text = lines;
  out.fields.push_back(
      {text.substr(name_at, field.name.size()), text.substr(value_at, field.value.size()), field.known});
}

int64_t ModifiedOf(const http::Fields& fields, WallMicros received) {
  int64_t seconds = 0;
  if (http::ParseHttpDate(fields.Value(KnownHeader::kLastModified), seconds)) return seconds;
  if (http::ParseHttpDate(fields.Value(KnownHeader::kDate), seconds)) return seconds;
  return received / kMicrosPerSecond;
}

}  // namespace

void StoreHead(const http::ResponseHead& head, WallMicros received, StoredResponse& out) {
  const http::ConnectionOptions connection(head.fields);
  const bool has_etag = head.fields.Find(KnownHeader::kEtag) != nullptr;
  const bool has_date = head.fields.Find(KnownHeader::kDate) != nullptr;
  const std::string date_text = has_date ? "" : http::FormatHttpDate(received / kMicrosPerSecond);
  const http::Field date{"Date", date_text, KnownHeader::kDate};
  const auto add = [&](bool of_not_modified) {
    for (const http::Field& field : head.fields) {
      if (!IsKept(field, connection) || IsOfNotModified(field, has_etag) != of_not_modified) continue;
      AddLine(field, out);
      if (field.known == KnownHeader::kEtag && out.etag.empty()) out.etag = out.fields.back().value;
    }
  };

  Reserve(head.fields, date, out);
  add(true);
  if (!has_date) AddLine(date, out);
  out.not_modified_fields = out.fields.size();
  out.not_modified_bytes = out.lines.size();
  add(false);
  out.status = head.status;
  out.modified = ModifiedOf(head.fields, received);
}

}  // namespace tollgate::cache
