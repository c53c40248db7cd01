// Names as Kubernetes has them. Pure; any thread.
#pragma once

#include <algorithm>
#include <string_view>

namespace tollgate {

// Whether text is a DNS label in lower case (RFC 1123): 1 to 63 letters, digits and hyphens, no hyphen at its
// ends.
inline bool IsDnsLabel(std::string_view text) {
  const auto is_label_char = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(), is_label_char);
}

}  // namespace tollgate
