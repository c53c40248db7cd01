#include "proxy/cache/vary.h"

#include <algorithm>

#include "proxy/cache/list_reader.h"

namespace tollgate::cache {
namespace {

using http::KnownHeader;

enum class Source {
  kCaller,   // the field goes upstream as it came, or is one of the gateway's that VisitLines knows
  kKeyed,    // stands in the primary key: the same for all variants
  kGateway,  // differs from request to request, whatever the caller sends
};

Source SourceOf(std::string_view name) {
  switch (http::Classify(name)) {
    case KnownHeader::kHost:
    case KnownHeader::kXForwardedHost:
    case KnownHeader::kXForwardedProto: return Source::kKeyed;
    case KnownHeader::kForwarded:
    case KnownHeader::kVia:
    case KnownHeader::kXForwardedClientCert:
    case KnownHeader::kXForwardedFor:
    case KnownHeader::kXRequestId: return Source::kGateway;
    default: return http::EqualsIgnoringCase(name, "traceparent") ? Source::kGateway : Source::kCaller;
  }
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lower;
}

// White space around commas means nothing in the fields of content negotiation (RFC 9110, section 12.5), so
// it may be dropped before values are compared (RFC 9111, section 4.1). Elsewhere a comma may be a text's.
bool IsNegotiation(std::string_view name) {
  constexpr std::string_view kPrefix = "accept";
  return name.size() >= kPrefix.size() && http::EqualsIgnoringCase(name.substr(0, kPrefix.size()), kPrefix);
}

// Lines of one field are one list (RFC 9110, section 5.3).
std::optional<std::string> CombinedValue(const CacheRequest& request, std::string_view name) {
  std::optional<std::string> combined;
  const bool negotiation = IsNegotiation(name);
  const auto append = [&combined](std::string_view text) {
    if (!combined->empty()) combined->append(",");
    combined->append(text);
  };
  VisitLines(request, name, [&](std::string_view value) {
    if (!combined) combined.emplace();
    if (!negotiation) return append(value);
    for (ListReader list(value); list.Next();) append(list.item());
  });
  return combined;
}

// A field of one line is by far the most frequent and needs no copy.
bool SameValue(const CacheRequest& request, const VaryValue& stored) {
  size_t lines = 0;
  bool same = true;
  VisitLines(request, stored.name, [&](std::string_view value) {
    ++lines;
    same = same && stored.value && value == *stored.value;
  });
  if (lines == 0) return !stored.value;
  if (lines == 1 && same) return true;
  return CombinedValue(request, stored.name) == stored.value;
}

bool HasLookAlike(const CacheRequest& request, std::string_view name) {
  bool found = false;
  VisitLookAlikes(request, name, [&found](const http::Field&) { found = true; });
  return found;
}

bool Contains(const std::vector<VaryValue>& vary, std::string_view name) {
  return std::any_of(vary.begin(), vary.end(),
                     [name](const VaryValue& part) { return http::EqualsIgnoringCase(part.name, name); });
}

}  // namespace

std::optional<std::vector<VaryValue>> SelectingValues(const CacheRequest& request,
                                                      const http::Fields& response) {
  std::vector<VaryValue> vary;
  for (const http::Field& field : response) {
    if (field.known != KnownHeader::kVary) continue;
    for (ListReader list(field.value); list.Next();) {
      const std::string_view name = list.item();
      const Source source = SourceOf(name);
      if (name == "*" || source == Source::kGateway) return std::nullopt;
      if (source == Source::kKeyed || Contains(vary, name)) continue;
      if (vary.size() == kMaxVaryNames || HasLookAlike(request, name)) return std::nullopt;
      vary.push_back({LowerCase(name), CombinedValue(request, name)});
    }
  }
  // Sorted, so that the same names in another order are the same variant.
  std::sort(vary.begin(), vary.end(), [](const VaryValue& a, const VaryValue& b) { return a.name < b.name; });
  return vary;
}

std::vector<VaryValue> ValuesOf(const CacheRequest& request, const std::vector<std::string>& names) {
  std::vector<VaryValue> values;
  values.reserve(names.size());
  for (const std::string& name : names) values.push_back({name, CombinedValue(request, name)});
  return values;
}

bool Selects(const CacheRequest& request, const std::vector<VaryValue>& vary) {
  return std::all_of(vary.begin(), vary.end(),
                     [&request](const VaryValue& part) { return SameValue(request, part); });
}

}  // namespace tollgate::cache
