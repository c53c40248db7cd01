#include "proxy/http/trailers.h"

#include <algorithm>
#include <array>

#include "proxy/http/head.h"
#include "proxy/http/head_parser.h"

namespace tollgate::http {
namespace {

// What the gateway knows by name is about the whole message, but for these.
bool IsAboutContentAlone(KnownHeader header) {
  return header == KnownHeader::kOther || header == KnownHeader::kEtag ||
         header == KnownHeader::kLastModified;
}

// The others that a reader needs before the body, or must not believe behind it.
constexpr std::array kNever = std::to_array<std::string_view>(
    {"content-range", "max-forwards", "proxy-authentication-info", "retry-after", "traceparent", "tracestate",
     "warning", "www-authenticate"});

}  // namespace

bool MayBeTrailer(std::string_view name) {
  if (name.empty() || name.front() == ':') return false;
  if (!IsAboutContentAlone(Classify(name)) || ClassifyAsCgi(name) != KnownHeader::kOther) return false;
  if (IsRateLimitField({name, {}, KnownHeader::kOther})) return false;
  return std::none_of(kNever.begin(), kNever.end(), [name](std::string_view never) {
    return EqualsIgnoringCase(name, never) || IsLookAlike(name, never);
  });
}

bool Trailers::Add(std::string_view name, std::string_view value) {
  bytes_ += name.size() + value.size();
  if (++came_ > kMaxFields || bytes_ > kMaxBytes) return false;
  if (MayBeTrailer(name)) lines_.push_back({std::string(name), std::string(value)});
  return true;
}

bool ParseTrailers(std::string_view section, Trailers& out) {
  Fields fields;
  if (ParseFields(section, fields).status != HeadStatus::kDone) return false;
  return std::all_of(fields.begin(), fields.end(),
                     [&out](const Field& field) { return out.Add(field.name, field.value); });
}

std::string LastChunkWith(const Trailers& trailers) {
  std::string text = "0\r\n";
  for (const Trailers::Line& line : trailers) {
    text.append(line.name).append(": ").append(line.value).append("\r\n");
  }
  return text.append("\r\n");
}

}  // namespace tollgate::http
