// The answers of rules of type Redirect and Respond: from JSON, and the C++ of the CEL rules about them,
// whose sentences stand in gateway_route_twins.cc. Any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "controller/resource/constraints.h"
#include "controller/resource/own_answer.h"

namespace tollgate::resource {

std::optional<Redirect> ReadRedirect(const nlohmann::json& rule);
std::optional<Respond> ReadRespond(const nlohmann::json& rule);

// Of a rule.
Broken UpstreamGoesWithItsType(const nlohmann::json& rule);
Broken RedirectGoesWithItsType(const nlohmann::json& rule);
Broken RespondGoesWithItsType(const nlohmann::json& rule);
Broken OnlyUpstreamsAreCached(const nlohmann::json& rule);
Broken OnlyUpstreamsSpeakProtocols(const nlohmann::json& rule);
// Of what stands in `redirect` and `respond`.
Broken RedirectLeadsElsewhere(const nlohmann::json& redirect);
Broken StatusRedirects(const nlohmann::json& status);
Broken BodyGoesWithItsStatus(const nlohmann::json& respond);
Broken HeaderIsTheAnswers(const nlohmann::json& name);

}  // namespace tollgate::resource
