// Base64 as Kubernetes writes the data of Secrets (RFC 4648, section 4). Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tollgate::resource {

// Strict: whole groups of four with their padding, no other characters (line breaks are skipped, as
// encoding/json does in the apiserver), unused bits zero. Nothing for any other text.
std::optional<std::string> FromBase64(std::string_view text);

}  // namespace tollgate::resource
