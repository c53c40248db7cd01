#include "controller/resource/own_answer_reader.h"

#include <re2/re2.h>

#include <nlohmann/json.hpp>

#include "controller/resource/json_access.h"

namespace tollgate::resource {
namespace {

using nlohmann::json;

Broken Unless(bool holds) { return holds ? Broken{} : Broken{""}; }

std::optional<int> StatusOf(const json& answer) {
  const std::optional<int64_t> status = OptionalInteger(answer, "status");
  return status ? std::optional(static_cast<int>(*status)) : std::nullopt;
}

bool IsOfType(const json& rule, std::string_view type) {
  return OptionalText(rule, "type").value_or("Upstream") == type;
}

}  // namespace

std::optional<Redirect> ReadRedirect(const json& rule) {
  if (!Has(rule, "redirect")) return std::nullopt;
  const json& redirect = ObjectAt(rule, "redirect");
  return Redirect{EnumAt<std::string>(redirect, "scheme", {{"HTTP", "http"}, {"HTTPS", "https"}}),
                  OptionalText(redirect, "host"), OptionalText(redirect, "path"), StatusOf(redirect)};
}

std::optional<Respond> ReadRespond(const json& rule) {
  if (!Has(rule, "respond")) return std::nullopt;
  const json& respond = ObjectAt(rule, "respond");
  Respond answer{StatusOf(respond), {}, Text(respond, "body")};
  for (const json& header : ListAt(respond, "headers")) {
    answer.headers.push_back({Text(header, "name"), Text(header, "value")});
  }
  return answer;
}

Broken UpstreamGoesWithItsType(const json& rule) {
  return Unless(IsOfType(rule, "Upstream") == Has(rule, "upstream"));
}

Broken RedirectGoesWithItsType(const json& rule) {
  return Unless(IsOfType(rule, "Redirect") == Has(rule, "redirect"));
}

Broken RespondGoesWithItsType(const json& rule) {
  return Unless(IsOfType(rule, "Respond") == Has(rule, "respond"));
}

Broken OnlyUpstreamsAreCached(const json& rule) {
  return Unless(IsOfType(rule, "Upstream") || !Has(rule, "cache"));
}

Broken OnlyUpstreamsSpeakProtocols(const json& rule) {
  return Unless(IsOfType(rule, "Upstream") || !Has(rule, "protocols"));
}

Broken RedirectLeadsElsewhere(const json& redirect) {
  return Unless(Has(redirect, "scheme") || Has(redirect, "host") || Has(redirect, "path"));
}

Broken StatusRedirects(const json& status) {
  return Unless(status == 301 || status == 302 || status == 303 || status == 307 || status == 308);
}

Broken BodyGoesWithItsStatus(const json& respond) {
  const int status = StatusOf(respond).value_or(200);
  const bool bodiless = status == 204 || status == 205 || status == 304;
  return Unless(!bodiless || !Has(respond, "body"));
}

Broken HeaderIsTheAnswers(const json& name) {
  static const RE2 kGateways(
      "(?i)^(connection|keep-alive|proxy-(connection|authenticate)|te|trailer|transfer-encoding|upgrade|"
      "content-length|date|x-request-id|cache-status|ratelimit(-.*)?|x-tollgate-.*)$");
  return Unless(!RE2::PartialMatch(name.get_ref<const std::string&>(), kGateways));
}

}  // namespace tollgate::resource
