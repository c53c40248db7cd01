// `metadata` of any object: what Tollgate uses of it, and what the apiserver would refuse in it. Any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "controller/resource/object.h"

namespace tollgate::resource {

// Where files name no namespace they mean this one, as kubectl does.
inline constexpr char kDefaultNamespace[] = "default";

// Never fails: what is absent or of another type stays empty. Read: creationTimestamp as RFC 3339.
ObjectMeta ParseMetadata(const nlohmann::json& object);

// The value of a label; empty where it is not set.
std::string LabelOf(const nlohmann::json& object, std::string_view label);

// In the apiserver's own words: a name that is missing or no DNS subdomain (RFC 1123), a namespace that is no
// DNS label, labels or annotations that are no text.
std::vector<Mistake> CheckMetadata(const nlohmann::json& object);

// Fields that are not known. For files alone: a newer apiserver may set fields of its own.
std::vector<Mistake> CheckMetadataFields(const nlohmann::json& object);

}  // namespace tollgate::resource
