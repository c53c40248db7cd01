#include "controller/resource/json_access.h"

#include <nlohmann/json.hpp>

#include "api/base/duration.h"

namespace tollgate::resource {

using nlohmann::json;

const json& Member(const json& object, std::string_view key) {
  static const json kAbsent;
  if (!object.is_object()) return kAbsent;
  const auto member = object.find(key);
  return member == object.end() ? kAbsent : *member;
}

bool Has(const json& object, std::string_view key) { return !Member(object, key).is_null(); }

const json& ObjectAt(const json& object, std::string_view key) {
  static const json kEmpty = json::object();
  const json& member = Member(object, key);
  return member.is_object() ? member : kEmpty;
}

const json& ListAt(const json& object, std::string_view key) {
  static const json kEmpty = json::array();
  const json& member = Member(object, key);
  return member.is_array() ? member : kEmpty;
}

std::optional<std::string> OptionalText(const json& object, std::string_view key) {
  const json& member = Member(object, key);
  return member.is_string() ? std::optional(member.get<std::string>()) : std::nullopt;
}

std::string Text(const json& object, std::string_view key) { return OptionalText(object, key).value_or(""); }

std::optional<bool> OptionalBool(const json& object, std::string_view key) {
  const json& member = Member(object, key);
  return member.is_boolean() ? std::optional(member.get<bool>()) : std::nullopt;
}

std::optional<int64_t> OptionalInteger(const json& object, std::string_view key) {
  const json& member = Member(object, key);
  const bool too_large = member.is_number_unsigned() && member.get<uint64_t>() > INT64_MAX;
  if (!member.is_number_integer() || too_large) return std::nullopt;
  return member.get<int64_t>();
}

std::optional<uint64_t> OptionalCount(const json& object, std::string_view key) {
  const std::optional<int64_t> integer = OptionalInteger(object, key);
  if (!integer || *integer < 0) return std::nullopt;
  return static_cast<uint64_t>(*integer);
}

std::optional<std::chrono::milliseconds> OptionalDuration(const json& object, std::string_view key) {
  const Result<std::chrono::milliseconds> duration = ParseDuration(Text(object, key));
  return duration ? std::optional(*duration) : std::nullopt;
}

std::vector<std::string> TextList(const json& object, std::string_view key) {
  std::vector<std::string> texts;
  for (const json& item : ListAt(object, key)) {
    if (item.is_string()) texts.push_back(item.get<std::string>());
  }
  return texts;
}

}  // namespace tollgate::resource
