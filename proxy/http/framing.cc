#include "proxy/http/framing.h"

#include <charconv>
#include <optional>

#include "proxy/http/characters.h"

namespace tollgate::http {
namespace {

FramingResult Malformed(std::string_view reason) { return {FramingStatus::kMalformed, {}, reason}; }

// 1*DIGIT and nothing else: no sign, no list, no white space inside (section 6.2).
std::optional<uint64_t> ParseLength(std::string_view text) {
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  uint64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  // The top bit stays free, so that sums of lengths cannot overflow.
  if (length > (uint64_t{1} << 62)) return std::nullopt;
  return length;
}

struct FramingFields {
  const Field* length = nullptr;
  const Field* coding = nullptr;
  bool repeated = false;
  bool lookalike = false;
};

// "Content_Length": CGI and WSGI servers take it for Content-Length, so that it smuggles past us to them.
bool LooksLikeFraming(std::string_view name) {
  const KnownHeader header = ClassifyAsCgi(name);
  return header == KnownHeader::kContentLength || header == KnownHeader::kTransferEncoding;
}

FramingFields Collect(const Fields& fields) {
  FramingFields found;
  for (const Field& field : fields) {
    if (field.known == KnownHeader::kOther && LooksLikeFraming(field.name)) found.lookalike = true;
    const Field** slot = field.known == KnownHeader::kContentLength      ? &found.length
                         : field.known == KnownHeader::kTransferEncoding ? &found.coding
                                                                         : nullptr;
    if (slot == nullptr) continue;
    found.repeated = found.repeated || *slot != nullptr;
    *slot = &field;
  }
  return found;
}

FramingResult FromFields(const FramingFields& found, int minor_version) {
  if (found.repeated) return Malformed("Content-Length or Transfer-Encoding stands more than once");
  if (found.lookalike) return Malformed("a field name differs from a framing field by an underscore only");
  if (found.coding != nullptr) {
    if (found.length != nullptr) return Malformed("Content-Length and Transfer-Encoding stand together");
    if (minor_version == 0) return Malformed("Transfer-Encoding stands in an HTTP/1.0 message");
    if (!EqualsIgnoringCase(found.coding->value, "chunked")) {
      return {FramingStatus::kUnknownCoding, {}, "the transfer coding is not \"chunked\""};
    }
    return {FramingStatus::kDone, {Framing::Kind::kChunked, 0}};
  }
  if (found.length != nullptr) {
    const std::optional<uint64_t> length = ParseLength(found.length->value);
    if (!length) return Malformed("Content-Length is not a number");
    return {FramingStatus::kDone, {Framing::Kind::kLength, *length}};
  }
  return {FramingStatus::kDone, {}};
}

}  // namespace

FramingResult RequestFraming(const RequestHead& head) {
  FramingResult result = FromFields(Collect(head.fields), head.minor_version);
  if (result.framing.kind == Framing::Kind::kLength && result.framing.length == 0) {
    result.framing.kind = Framing::Kind::kNone;
  }
  return result;
}

FramingResult ResponseFraming(const ResponseHead& head, std::string_view request_method) {
  FramingResult result = FromFields(Collect(head.fields), head.minor_version);
  if (result.status != FramingStatus::kDone) return result;
  const bool bodiless =
      request_method == "HEAD" || head.status < 200 || head.status == 204 || head.status == 304;
  if (bodiless) {
    result.framing = {};
  } else if (!result.framing.has_body()) {
    result.framing.kind = Framing::Kind::kUntilClose;
  }
  return result;
}

bool ListContains(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const size_t comma = list.find(',');
    if (EqualsIgnoringCase(TrimBlanks(list.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
  return false;
}

bool TakesTrailers(const Fields& fields) {
  for (const Field& field : fields) {
    if (field.known == KnownHeader::kTe && ListContains(field.value, "trailers")) return true;
  }
  return false;
}

bool KeepsAlive(int minor_version, const Fields& fields) {
  bool keep_alive = minor_version >= 1;
  for (const Field& field : fields) {
    if (field.known != KnownHeader::kConnection) continue;
    if (ListContains(field.value, "close")) return false;
    if (ListContains(field.value, "keep-alive")) keep_alive = true;
  }
  return keep_alive;
}

}  // namespace tollgate::http
