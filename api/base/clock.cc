#include "api/base/clock.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace tollgate {
namespace {

std::tm ToUtc(WallMicros time) {
  std::time_t seconds = time / 1'000'000 - (time % 1'000'000 < 0 ? 1 : 0);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return utc;
}

// Takes exactly `count` digits off the front as a number; -1 where they are not there.
int TakeDigits(std::string_view& text, size_t count) {
  if (text.size() < count) return -1;
  int number = 0;
  for (size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    number = number * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return number;
}

bool Take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// A fraction of a second behind its dot, in microseconds; -1 where no digit stands there.
int64_t TakeFraction(std::string_view& text) {
  const size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
  if (count == 0) return -1;
  std::string digits(text.substr(0, std::min<size_t>(count, 6)));
  digits.resize(6, '0');
  text.remove_prefix(count);
  std::string_view padded = digits;
  return TakeDigits(padded, 6);
}

// Minutes east of Greenwich.
std::optional<int> TakeOffset(std::string_view& text) {
  if (Take(text, "Zz")) return 0;
  const int sign = text.starts_with('-') ? -1 : 1;
  if (!Take(text, "+-")) return std::nullopt;
  const int hours = TakeDigits(text, 2);
  if (hours < 0 || hours > 23 || !Take(text, ":")) return std::nullopt;
  const int minutes = TakeDigits(text, 2);
  if (minutes < 0 || minutes > 59) return std::nullopt;
  return sign * (hours * 60 + minutes);
}

std::optional<std::chrono::sys_days> TakeDay(std::string_view& text) {
  const int year = TakeDigits(text, 4);
  if (year < 0 || !Take(text, "-")) return std::nullopt;
  const int month = TakeDigits(text, 2);
  if (month < 0 || !Take(text, "-")) return std::nullopt;
  const int day = TakeDigits(text, 2);
  if (day < 0) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  return date.ok() ? std::optional(std::chrono::sys_days(date)) : std::nullopt;
}

// "09:30:00" in seconds. A leap second counts as the first second after it.
std::optional<int> TakeTimeOfDay(std::string_view& text) {
  constexpr std::array<int, 3> kMost{23, 59, 60};
  int seconds = 0;
  for (size_t i = 0; i < kMost.size(); ++i) {
    if (i > 0 && !Take(text, ":")) return std::nullopt;
    const int part = TakeDigits(text, 2);
    if (part < 0 || part > kMost[i]) return std::nullopt;
    seconds = seconds * 60 + part;
  }
  return seconds;
}

}  // namespace

std::string FormatTime(WallMicros time) {
  const std::tm utc = ToUtc(time);
  char text[40];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

std::string FormatTimeMicros(WallMicros time) {
  const std::tm utc = ToUtc(time);
  char text[40];
  const size_t n = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  const auto micros = static_cast<int>(((time % 1'000'000) + 1'000'000) % 1'000'000);
  std::snprintf(text + n, sizeof text - n, ".%06dZ", micros);
  return text;
}

std::optional<WallMicros> ParseRfc3339(std::string_view text) {
  const auto day = TakeDay(text);
  if (!day || !Take(text, "Tt")) return std::nullopt;
  const std::optional<int> time = TakeTimeOfDay(text);
  const int64_t fraction = Take(text, ".") ? TakeFraction(text) : 0;
  if (!time || fraction < 0) return std::nullopt;
  const std::optional<int> offset = TakeOffset(text);
  if (!offset || !text.empty()) return std::nullopt;
  const int64_t seconds = int64_t{day->time_since_epoch().count()} * 86'400 + *time - *offset * 60;
  return seconds * 1'000'000 + fraction;
}

}  // namespace tollgate
