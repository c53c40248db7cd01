// Which value a YAML scalar stands for, as kubectl sees it: YAML 1.1 as go-yaml v2 reads it, so that one
// manifest means the same in a file and on a cluster. Pure; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace tollgate::resource {

// The value of a scalar. `tag` as yaml-cpp gives it: "?" for a plain scalar, "!" for a quoted one, else the
// long form of what stands in the document. Nothing where an explicit tag does not fit the text (`!!int x`)
// or is none that JSON can hold.
std::optional<nlohmann::json> ScalarValue(const std::string& tag, const std::string& text);

// The text of a scalar that stands as a mapping's key; kubectl turns numbers and booleans into text there.
// Nothing for null.
std::optional<std::string> ScalarKey(const std::string& tag, const std::string& text);

}  // namespace tollgate::resource
