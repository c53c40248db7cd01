#include "controller/resource/target_url.h"

#include <re2/re2.h>

#include <nlohmann/json.hpp>

#include "api/base/cidr.h"
#include "controller/resource/json_access.h"

namespace tollgate::resource {
namespace {

using nlohmann::json;

constexpr std::string_view kHttps = "https://";

// The scheme, the host without brackets and the port.
const RE2& UrlForm() {
  static const RE2 kUrl(
      R"re(^(https?)://(?:([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)*)|\[([0-9a-f:.]{2,45})\])(?::([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?$)re");
  return kUrl;
}

Broken Unless(bool holds) { return holds ? Broken{} : Broken{""}; }

std::string Bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

}  // namespace

std::string TargetUrl::Authority() const {
  return port == (secure ? 443 : 80) ? Bracketed(host) : Bracketed(host) + ":" + std::to_string(port);
}

std::string TargetUrl::ToString() const {
  return (secure ? "https://" : "http://") + Bracketed(host) + ":" + std::to_string(port);
}

std::optional<TargetUrl> ReadTargetUrl(std::string_view text) {
  std::string scheme;
  std::string name;
  std::string literal;
  std::string port;
  if (!RE2::FullMatch(re2::StringPiece(text.data(), text.size()), UrlForm(), &scheme, &name, &literal,
                      &port)) {
    return std::nullopt;
  }
  if (!literal.empty() && !ParseIp(literal)) return std::nullopt;
  TargetUrl url{scheme == "https", name.empty() ? literal : name, 0};
  url.port = port.empty() ? (url.secure ? 443 : 80) : std::stoi(port);
  return url;
}

Broken UrlIsHostAlone(const json& url) {
  return Unless(ReadTargetUrl(url.get_ref<const std::string&>()).has_value());
}

Broken UrlIsOutsideTheCluster(const json& url) {
  static const RE2 kInside(
      R"re(^https?://(\[|([^:]*\.)?(0x[0-9a-f]*|[0-9]+|localhost|svc|cluster\.local)(:|$)))re");
  return Unless(!RE2::PartialMatch(url.get_ref<const std::string&>(), kInside));
}

Broken ServiceGoesWithItsType(const json& target) {
  const bool is_service = !Has(target, "type") || Text(target, "type") == "Service";
  return Unless(is_service == Has(target, "serviceRef"));
}

Broken UrlGoesWithItsType(const json& target) {
  return Unless((Text(target, "type") == "URL") == Has(target, "url"));
}

Broken UrlSaysItsProtocol(const json& target) {
  return Unless(!Has(target, "url") || !Has(target, "protocol"));
}

Broken TlsNeedsHttpsUrl(const json& target) {
  return Unless(!Has(target, "tls") || !Has(target, "url") || Text(target, "url").starts_with(kHttps));
}

}  // namespace tollgate::resource
