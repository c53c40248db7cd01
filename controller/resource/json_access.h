// Reads members of a JSON object that may or may not have passed its schema: a value of another type than
// the one asked for counts as absent, since whoever looks has noted that mistake elsewhere. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tollgate::resource {

// The member `key` of `object`; null where there is none, or `object` is none. Null itself counts as absent,
// as the apiserver prunes it.
const nlohmann::json& Member(const nlohmann::json& object, std::string_view key);
bool Has(const nlohmann::json& object, std::string_view key);

// As Member, but an empty object or array where the member is of another type.
const nlohmann::json& ObjectAt(const nlohmann::json& object, std::string_view key);
const nlohmann::json& ListAt(const nlohmann::json& object, std::string_view key);

std::optional<std::string> OptionalText(const nlohmann::json& object, std::string_view key);
std::string Text(const nlohmann::json& object, std::string_view key);  // "" where absent
std::optional<bool> OptionalBool(const nlohmann::json& object, std::string_view key);
std::optional<int64_t> OptionalInteger(const nlohmann::json& object, std::string_view key);
std::optional<uint64_t> OptionalCount(const nlohmann::json& object, std::string_view key);  // not negative
std::optional<std::chrono::milliseconds> OptionalDuration(const nlohmann::json& object, std::string_view key);
std::vector<std::string> TextList(const nlohmann::json& object, std::string_view key);

// The value that stands for a word; nothing for any other word.
template <class Enum>
std::optional<Enum> EnumAt(const nlohmann::json& object, std::string_view key,
                           std::initializer_list<std::pair<std::string_view, Enum>> words) {
  const std::optional<std::string> text = OptionalText(object, key);
  for (const auto& [word, value] : words) {
    if (text == word) return value;
  }
  return std::nullopt;
}

}  // namespace tollgate::resource
