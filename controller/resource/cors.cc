#include "controller/resource/cors.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller/resource/json_access.h"

namespace tollgate::resource {

using nlohmann::json;

namespace {

Broken Unless(bool holds) { return holds ? Broken{} : Broken{""}; }

}  // namespace

std::optional<Cors> ReadCors(const json& spec) {
  if (!Has(spec, "cors")) return std::nullopt;
  const json& block = ObjectAt(spec, "cors");
  Cors cors;
  cors.allow_origins = TextList(block, "allowOrigins");
  cors.allow_methods = TextList(block, "allowMethods");
  cors.allow_headers = TextList(block, "allowHeaders");
  cors.expose_headers = TextList(block, "exposeHeaders");
  cors.allow_credentials = OptionalBool(block, "allowCredentials").value_or(false);
  cors.max_age = OptionalDuration(block, "maxAge");
  return cors;
}

Broken CredentialsNameTheirOrigins(const json& cors) {
  const std::vector<std::string> origins = TextList(cors, "allowOrigins");
  return Unless(!OptionalBool(cors, "allowCredentials").value_or(false) ||
                std::find(origins.begin(), origins.end(), "*") == origins.end());
}

Broken MaxAgeIsBounded(const json& max_age) {
  const auto duration = OptionalDuration({{"duration", max_age}}, "duration");
  return Unless(duration.value_or(std::chrono::milliseconds(0)) <= std::chrono::hours(24));
}

}  // namespace tollgate::resource
