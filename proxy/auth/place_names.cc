#include "proxy/auth/place_names.h"

#include <algorithm>
#include <array>

namespace tollgate::auth {

bool PlaceNames::ContainsHeader(std::string_view name) const {
  std::array<char, 64> lower;
  if (name.size() >= lower.size() || (lengths_ & LengthBit(name.size())) == 0) return false;
  std::transform(name.begin(), name.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return names_.contains(std::string_view(lower.data(), name.size()));
}

}  // namespace tollgate::auth
