// Names as they are compared: in lower case, each once. Pure; any thread.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace tollgate::compile {

// ASCII only: for hosts (RFC 4343) and header names (RFC 9110, section 5.1).
inline std::string LowerCase(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

inline std::set<std::string> Distinct(const std::vector<std::string>& names) {
  return {names.begin(), names.end()};
}

}  // namespace tollgate::compile
