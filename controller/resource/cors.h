// Which pages of other origins may call a route from a browser, as its author wrote it: absent stays absent.
// Plain data; any thread.
#pragma once

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "controller/resource/constraints.h"

namespace tollgate::resource {

struct Cors {
  std::vector<std::string> allow_origins;
  std::vector<std::string> allow_methods;
  std::vector<std::string> allow_headers;
  std::vector<std::string> expose_headers;
  bool allow_credentials = false;
  std::optional<std::chrono::milliseconds> max_age;

  bool operator==(const Cors&) const = default;
};

// Of `spec`.
std::optional<Cors> ReadCors(const nlohmann::json& spec);

// The C++ of the CEL rules about it, whose sentences stand in gateway_route_twins.cc.
Broken CredentialsNameTheirOrigins(const nlohmann::json& cors);
Broken MaxAgeIsBounded(const nlohmann::json& max_age);

}  // namespace tollgate::resource
