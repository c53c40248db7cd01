// What a route asks of every request before anything is known of its caller, as its author wrote it: absent
// stays absent. Plain data; any thread.
#pragma once

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "api/base/cidr.h"
#include "controller/resource/constraints.h"
#include "controller/resource/object.h"

namespace tollgate::resource {

// Where the token stands that the edge in front of the gateway knows.
struct EdgeToken {
  std::string header;
  std::string secret;  // in the route's own namespace
  std::string key;     // its entry

  bool operator==(const EdgeToken&) const = default;
};

enum class FrameOptions { kDeny, kSameOrigin };

struct SecurityHeaders {
  std::optional<std::chrono::milliseconds> hsts;
  bool no_sniff = false;
  std::optional<FrameOptions> frame_options;

  bool operator==(const SecurityHeaders&) const = default;
};

struct Security {
  std::vector<Cidr> allow_cidrs;
  std::vector<Cidr> deny_cidrs;
  std::vector<std::string> deny_patterns;
  std::optional<EdgeToken> edge_token;
  SecurityHeaders headers;

  bool operator==(const Security&) const = default;
};

// Of `spec`. What is no network is noted, unless it was already: no pattern of a CRD can tell.
std::optional<Security> ReadSecurity(const nlohmann::json& spec, std::vector<Mistake>& mistakes);

// The C++ of the CEL rules about it, whose sentences stand in gateway_route_twins.cc.
Broken DenyPatternIsReadable(const nlohmann::json& pattern);
Broken EdgeHeaderIsFree(const nlohmann::json& name);
Broken HstsIsSaid(const nlohmann::json& hsts);

}  // namespace tollgate::resource
