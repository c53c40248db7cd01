// YAML text to JSON values. The only user of yaml-cpp; its exceptions end here. Pure; any thread.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "api/base/result.h"

namespace tollgate::resource {

// Called for each document that is not empty; `line` is where its first value stands, counted from 1.
using DocumentVisitor = std::function<Status<>(int line, const nlohmann::json& document)>;

// Reads all documents of `text` in order and stops at the visitor's first error. `source` names the text in
// errors. An error: what is no YAML; a key that stands twice in a mapping; an alias inside its own anchor;
// aliases that stand for more than 100,000 values in a document; a key or a tag that JSON cannot hold.
Status<> VisitYaml(std::string_view text, const std::string& source, const DocumentVisitor& visitor);

}  // namespace tollgate::resource
