#include "controller/resource/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

namespace tollgate::resource {
namespace {

using nlohmann::json;

constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";
constexpr std::array kTrue{"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"};
constexpr std::array kFalse{"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"};
constexpr std::array kNull{"", "~", "null", "Null", "NULL"};

template <size_t N>
bool IsOneOf(const std::array<const char*, N>& words, std::string_view text) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// Removes what stands before the digits of a number in another base than ten and returns that base. A bare
// leading 0 is octal, as in YAML 1.1 and in Go.
int TakeBase(std::string_view& digits) {
  constexpr std::array<std::pair<std::string_view, int>, 6> kPrefixes{
      {{"0x", 16}, {"0X", 16}, {"0o", 8}, {"0O", 8}, {"0b", 2}, {"0B", 2}}};
  for (const auto& [prefix, base] : kPrefixes) {
    if (digits.starts_with(prefix)) {
      digits.remove_prefix(prefix.size());
      return base;
    }
  }
  return digits.size() > 1 && digits.front() == '0' ? 8 : 10;
}

template <class Integer>
std::optional<Integer> WholeNumber(std::string_view digits, int base) {
  Integer number{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

std::optional<json> IntegerValue(std::string_view text) {
  const bool negative = text.starts_with('-');
  std::string_view digits = text;
  if (negative || text.starts_with('+')) digits.remove_prefix(1);
  const int base = TakeBase(digits);
  if (digits.empty() || digits.front() == '-') return std::nullopt;
  if (!negative) {
    const auto number = WholeNumber<uint64_t>(digits, base);
    return number ? std::optional<json>(*number) : std::nullopt;
  }
  const auto number = WholeNumber<int64_t>("-" + std::string(digits), base);
  return number ? std::optional<json>(*number) : std::nullopt;
}

// YAML's floats: digits, at most one dot, an exponent. Neither "0x1p3" nor "1." without digits before it.
bool LooksLikeFloat(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const size_t mantissa_end = std::min(text.find_first_of("eE"), text.size());
  const std::string_view mantissa = text.substr(0, mantissa_end);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto dots = std::count(mantissa.begin(), mantissa.end(), '.');
  const auto digits = std::count_if(mantissa.begin(), mantissa.end(), is_digit);
  if (digits == 0 || dots > 1 || static_cast<size_t>(digits + dots) != mantissa.size()) return false;
  if (mantissa_end == text.size()) return true;
  std::string_view exponent = text.substr(mantissa_end + 1);
  if (exponent.starts_with('-') || exponent.starts_with('+')) exponent.remove_prefix(1);
  return !exponent.empty() && std::all_of(exponent.begin(), exponent.end(), is_digit);
}

std::optional<json> FloatValue(std::string_view text) {
  if (!LooksLikeFloat(text)) return std::nullopt;
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  // kubectl sends a float without a fraction as an integer: "1.0" may stand for 1.
  constexpr double kExact = 9007199254740992;  // 2^53
  if (std::trunc(number) == number && std::abs(number) <= kExact) return json(static_cast<int64_t>(number));
  return json(number);
}

std::optional<json> NumberValue(const std::string& text) {
  const char first = text.empty() ? ' ' : text.front();
  const bool may_be_number = (first >= '0' && first <= '9') || first == '-' || first == '+' || first == '.';
  if (!may_be_number) return std::nullopt;
  std::string plain = text;
  // Underscores may group digits in YAML 1.1.
  std::erase(plain, '_');
  if (std::optional<json> integer = IntegerValue(plain)) return integer;
  return FloatValue(plain);
}

json PlainValue(const std::string& text) {
  if (IsOneOf(kNull, text)) return nullptr;
  if (IsOneOf(kTrue, text)) return true;
  if (IsOneOf(kFalse, text)) return false;
  return NumberValue(text).value_or(json(text));
}

}  // namespace

std::optional<json> ScalarValue(const std::string& tag, const std::string& text) {
  if (tag == "?") return PlainValue(text);
  if (tag == "!" || tag == std::string(kTagPrefix) + "str") return json(text);
  if (!tag.starts_with(kTagPrefix)) return std::nullopt;
  const std::string_view type = std::string_view(tag).substr(kTagPrefix.size());
  json value = PlainValue(text);
  const bool fits = (type == "bool" && value.is_boolean()) || (type == "int" && value.is_number_integer()) ||
                    (type == "float" && value.is_number()) || (type == "null" && value.is_null());
  return fits ? std::optional<json>(std::move(value)) : std::nullopt;
}

std::optional<std::string> ScalarKey(const std::string& tag, const std::string& text) {
  const std::optional<json> value = ScalarValue(tag, text);
  if (!value || value->is_null()) return std::nullopt;
  return value->is_string() ? value->get<std::string>() : value->dump();
}

}  // namespace tollgate::resource
