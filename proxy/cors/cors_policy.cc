#include "proxy/cors/cors_policy.h"

#include <algorithm>

#include "proxy/http/characters.h"

namespace tollgate::cors {
namespace {

template <class List>
std::string Join(const List& items) {
  std::string joined;
  for (const std::string& item : items) joined.append(joined.empty() ? "" : ", ").append(item);
  return joined;
}

}  // namespace

CorsPolicy::CorsPolicy(const api::Cors& cors)
    : credentials_(cors.allow_credentials()),
      methods_(Join(cors.allow_methods())),
      headers_(Join(cors.allow_headers())),
      exposed_(Join(cors.expose_headers())),
      max_age_(std::to_string(cors.max_age_s())) {
  for (const std::string& text : cors.allow_origins()) {
    const std::string_view origin = text;
    const size_t star = origin.find('*');
    // With credentials every origin would be one too many; a controller lets no such thing through.
    if (origin == "*") {
      every_origin_ = !credentials_;
    } else if (star == std::string_view::npos) {
      origins_.push_back(origin);
    } else {
      wildcards_.push_back({origin.substr(0, star), origin.substr(star + 1)});
    }
  }
}

// Browsers write origins in one form, so they are compared as they stand (RFC 6454, section 6.2).
bool CorsPolicy::Admits(std::string_view origin) const {
  if (std::find(origins_.begin(), origins_.end(), origin) != origins_.end()) return true;
  return std::any_of(wildcards_.begin(), wildcards_.end(), [&](const Wildcard& wildcard) {
    if (origin.size() <= wildcard.scheme.size() + wildcard.domain.size()) return false;
    if (!origin.starts_with(wildcard.scheme) || !origin.ends_with(wildcard.domain)) return false;
    const std::string_view labels = origin.substr(
        wildcard.scheme.size(), origin.size() - wildcard.scheme.size() - wildcard.domain.size());
    return http::AllOf(labels, http::kHostChar);
  });
}

exchange::CrossOrigin CorsPolicy::Judge(std::string_view origin) const {
  exchange::CrossOrigin told{{}, {}, credentials_, !every_origin_};
  if (every_origin_) {
    told.allow_origin = "*";
  } else if (!origin.empty() && Admits(origin)) {
    told.allow_origin = origin;
  }
  if (!told.allow_origin.empty()) told.expose_headers = exposed_;
  return told;
}

void CorsPolicy::AnswerPreflight(std::string_view asked, exchange::Answer& answer) const {
  answer.Add("Access-Control-Allow-Methods", methods_);
  const std::string_view headers = headers_.empty() ? asked : std::string_view(headers_);
  if (!headers.empty()) answer.Add("Access-Control-Allow-Headers", headers);
  answer.Add("Access-Control-Max-Age", max_age_);
  if (headers_.empty()) answer.Add("Vary", "Access-Control-Request-Headers");
}

}  // namespace tollgate::cors
