#include "proxy/http/trace_context.h"

#include <algorithm>
#include <vector>

#include "proxy/http/characters.h"

namespace tollgate::http {
namespace {

constexpr size_t kLength = 55;      // of a value of version 00
constexpr size_t kMaxMembers = 32;  // section 3.3.1.1
constexpr size_t kMaxKey = 256;     // section 3.3.1.3.1
constexpr size_t kMaxTenant = 241;
constexpr size_t kMaxSystem = 14;
constexpr size_t kMaxValue = 256;  // section 3.3.1.3.2

bool IsLowerHex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

int ValueOf(char hex) { return IsDigit(hex) ? hex - '0' : hex - 'a' + 10; }

// False where it is no id.
template <size_t kSize>
bool ReadId(std::string_view text, std::array<char, kSize>& id) {
  if (!std::all_of(text.begin(), text.end(), IsLowerHex)) return false;
  if (text.find_first_not_of('0') == std::string_view::npos) return false;
  std::copy(text.begin(), text.end(), id.begin());
  return true;
}

bool IsKeyPart(std::string_view text, size_t most, bool may_begin_with_digit) {
  if (text.empty() || text.size() > most) return false;
  if (!IsLower(text.front()) && !(may_begin_with_digit && IsDigit(text.front()))) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return IsLower(c) || IsDigit(c) || c == '_' || c == '-' || c == '*' || c == '/';
  });
}

bool IsKey(std::string_view key) {
  const size_t at = key.find('@');
  if (at == std::string_view::npos) return IsKeyPart(key, kMaxKey, false);
  return IsKeyPart(key.substr(0, at), kMaxTenant, true) && IsKeyPart(key.substr(at + 1), kMaxSystem, false);
}

// Printable, without "," and "=", not ending with a space; what stands around it is trimmed already.
bool IsValue(std::string_view value) {
  return !value.empty() && value.size() <= kMaxValue && value.back() != ' ' &&
         std::all_of(value.begin(), value.end(),
                     [](char c) { return c >= ' ' && c <= '~' && c != ',' && c != '='; });
}

// Adds the keys of one line. False where the line is malformed.
bool ReadMembers(std::string_view line, std::vector<std::string_view>& keys) {
  while (true) {
    const size_t comma = std::min(line.find(','), line.size());
    const std::string_view member = TrimBlanks(line.substr(0, comma));
    if (!member.empty()) {
      const size_t equals = member.find('=');
      if (equals == std::string_view::npos || keys.size() == kMaxMembers) return false;
      const std::string_view key = member.substr(0, equals);
      if (!IsKey(key) || !IsValue(member.substr(equals + 1))) return false;
      if (std::find(keys.begin(), keys.end(), key) != keys.end()) return false;
      keys.push_back(key);
    }
    if (comma == line.size()) return true;
    line.remove_prefix(comma + 1);
  }
}

}  // namespace

std::optional<TraceContext> ParseTraceParent(std::string_view value) {
  if (value.size() < kLength || value[2] != '-' || value[35] != '-' || value[52] != '-') return std::nullopt;
  const std::string_view version = value.substr(0, 2);
  const std::string_view flags = value.substr(53, 2);
  if (!std::all_of(version.begin(), version.end(), IsLowerHex) || version == "ff") return std::nullopt;
  if (!std::all_of(flags.begin(), flags.end(), IsLowerHex)) return std::nullopt;
  if (value.size() > kLength && (version == "00" || value[kLength] != '-')) return std::nullopt;
  TraceContext context{};
  if (!ReadId(value.substr(3, 32), context.trace_id)) return std::nullopt;
  if (!ReadId(value.substr(kParentIdAt, 16), context.parent_id)) return std::nullopt;
  context.sampled = (ValueOf(flags[1]) & 1) != 0;
  return context;
}

std::optional<TraceContext> FindTraceContext(const Fields& fields) {
  const Field* found = nullptr;
  for (const Field& field : fields) {
    if (!EqualsIgnoringCase(field.name, kTraceParent)) continue;
    if (found != nullptr) return std::nullopt;
    found = &field;
  }
  return found == nullptr ? std::nullopt : ParseTraceParent(found->value);
}

bool IsTraceStateSound(const Fields& fields) {
  std::vector<std::string_view> keys;
  return std::all_of(fields.begin(), fields.end(), [&keys](const Field& field) {
    return !EqualsIgnoringCase(field.name, kTraceState) || ReadMembers(field.value, keys);
  });
}

std::string WriteTraceParent(const TraceContext& context) {
  std::string value = "00-";
  value.append(TextOf(context.trace_id)).append("-").append(TextOf(context.parent_id));
  return value.append(context.sampled ? "-01" : "-00");
}

}  // namespace tollgate::http
