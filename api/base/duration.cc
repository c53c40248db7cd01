#include "api/base/duration.h"

#include <array>
#include <cctype>

namespace tollgate {
namespace {

struct Unit {
  std::string_view suffix;
  int64_t milliseconds;
};
// "ms" stands before "m", since the first suffix that fits is taken.
constexpr std::array<Unit, 4> kUnits{{{"ms", 1}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}}};

Fault NotADuration(std::string_view text) {
  return {"\"" + std::string(text) +
          "\" is not a duration: write one to four groups such as 1h, 30m, 15s or 250ms"};
}

}  // namespace

Result<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  std::string_view rest = text;
  int64_t total = 0;
  int groups = 0;
  while (!rest.empty()) {
    size_t digits = 0;
    int64_t number = 0;
    while (digits < rest.size() && std::isdigit(static_cast<unsigned char>(rest[digits]))) {
      if (digits == 5) return NotADuration(text);
      number = number * 10 + (rest[digits++] - '0');
    }
    rest.remove_prefix(digits);
    const Unit* unit = nullptr;
    for (const Unit& u : kUnits) {
      if (rest.starts_with(u.suffix)) {
        unit = &u;
        break;
      }
    }
    if (digits == 0 || unit == nullptr || ++groups > 4) return NotADuration(text);
    rest.remove_prefix(unit->suffix.size());
    total += number * unit->milliseconds;
  }
  if (groups == 0) return NotADuration(text);
  return std::chrono::milliseconds(total);
}

std::string FormatDuration(std::chrono::milliseconds duration) {
  constexpr std::array<Unit, 4> kLargestFirst{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
  int64_t rest = duration.count();
  std::string text;
  for (const Unit& unit : kLargestFirst) {
    if (const int64_t n = rest / unit.milliseconds; n > 0) {
      text += std::to_string(n);
      text += unit.suffix;
      rest %= unit.milliseconds;
    }
  }
  return text.empty() ? "0s" : text;
}

}  // namespace tollgate
