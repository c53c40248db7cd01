#include "controller/resource/key_line.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "api/base/clock.h"

namespace tollgate::resource {
namespace {

// 20 characters of a usual alphabet hold some 100 bits: beyond guessing.
constexpr size_t kShortestPlainKey = 20;
// The same bounds as in an ApiPlan.
constexpr uint64_t kMostRequests = 1'000'000'000;
constexpr uint64_t kMostCredits = 1'000'000'000'000;
constexpr size_t kLongestId = 253;
constexpr size_t kLongestGroup = 63;
constexpr size_t kLongestAttribute = 4096;
// Together with their lengths: 133 KiB in the one resource that a consumer is.
constexpr size_t kMostAttributes = 32;

bool IsVisible(char c) { return c > 0x20 && c < 0x7F; }
bool IsVisible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return IsVisible(c); });
}

// Takes what stands before the next space off the front, and the space with it.
std::string_view TakeWord(std::string_view& rest) {
  const size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

Status<> ReadDigest(std::string_view hex, ParsedLine& line) {
  const std::optional<Sha256Digest> digest = Sha256FromHex(hex);
  if (!digest) return Fault{"sha256: must be followed by the 64 hexadecimal digits of the key's SHA-256"};
  line.key.digest = *digest;
  return Done{};
}

Status<> ReadPlainKey(std::string_view key, ParsedLine& line) {
  if (key.size() < kShortestPlainKey || !IsVisible(key)) {
    return Fault{"plain: must be followed by a key of 20 or more visible ASCII characters"};
  }
  line.key.digest = Sha256(key);
  line.is_plain = true;
  return Done{};
}

Status<> ReadKey(std::string_view word, ParsedLine& line) {
  constexpr std::string_view kSha256 = "sha256:";
  constexpr std::string_view kPlain = "plain:";
  if (word.starts_with(kSha256)) return ReadDigest(word.substr(kSha256.size()), line);
  if (word.starts_with(kPlain)) return ReadPlainKey(word.substr(kPlain.size()), line);
  return Fault{"it is no key; begin it with sha256: and 64 hexadecimal digits, or with plain: and the key"};
}

std::optional<uint64_t> Number(std::string_view text, uint64_t most) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && number <= most ? std::optional(number) : std::nullopt;
}

std::optional<std::string> PercentDecoded(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const std::optional<std::string> octet = FromHex(text.substr(i + 1, 2));
    if (!octet || octet->empty()) return std::nullopt;
    decoded += *octet;
    i += 2;
  }
  return decoded;
}

Status<> ReadExpires(std::string_view value, ParsedLine& line) {
  const std::optional<WallMicros> time = ParseRfc3339(value);
  if (!time) return Fault{"expires= needs a time in RFC 3339, such as 2030-01-31T00:00:00Z"};
  // 0 means never, and a moment before 1970 is as long past as the first one after.
  line.key.expires_us = std::max<WallMicros>(*time, 1);
  return Done{};
}

Status<> ReadGroup(std::string_view value, ParsedLine& line) {
  if (value.empty() || value.size() > kLongestGroup || !IsVisible(value)) {
    return Fault{"group= needs 1 to 63 visible ASCII characters"};
  }
  line.group = value;
  return Done{};
}

Status<> ReadId(std::string_view value, ParsedLine& line) {
  const std::optional<std::string> id = PercentDecoded(value);
  if (!id || id->empty() || id->size() > kLongestId || !IsHeaderSafe(*id)) {
    return Fault{
        "id= needs 1 to 253 ASCII characters that may stand in a header, percent-encoded where they are no "
        "letters or digits"};
  }
  line.id = *id;
  return Done{};
}

Status<> ReadCredits(std::string_view value, ParsedLine& line) {
  line.credits = Number(value, kMostCredits);
  if (!line.credits) return Fault{"credits= needs a whole number from 0 to 1000000000000"};
  return Done{};
}

Status<> ReadLimit(std::string_view name, std::string_view value, ParsedLine& line) {
  static const RE2 kName("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
  const std::optional<uint64_t> requests = Number(value, kMostRequests);
  const bool is_name = name.size() <= 63 && RE2::FullMatch({name.data(), name.size()}, kName);
  if (!is_name || requests.value_or(0) == 0) {
    return Fault{
        "limit.<name>= needs the name of one of the plan's rate limits and a whole number from 1 to "
        "1000000000"};
  }
  line.limits[std::string(name)] = *requests;
  return Done{};
}

Status<> ReadAttribute(std::string_view name, std::string_view value, ParsedLine& line) {
  static const RE2 kName("[A-Za-z0-9][-A-Za-z0-9_.]{0,62}");
  const bool is_value = !value.empty() && value.size() <= kLongestAttribute && IsVisible(value);
  if (!RE2::FullMatch({name.data(), name.size()}, kName) || !is_value) {
    return Fault{
        "attr.<name>= needs a name of 1 to 63 letters, digits and -_. and a value of 1 to 4096 visible ASCII "
        "characters"};
  }
  line.attributes[std::string(name)] = value;
  if (line.attributes.size() <= kMostAttributes) return Done{};
  return Fault{"it has more than " + std::to_string(kMostAttributes) +
               " attributes attr.<name>=; take some out"};
}

Status<> ReadWord(std::string_view name, std::string_view value, ParsedLine& line) {
  constexpr std::string_view kLimit = "limit.";
  constexpr std::string_view kAttribute = "attr.";
  if (name == "expires") return ReadExpires(value, line);
  if (name == "group") return ReadGroup(value, line);
  if (name == "id") return ReadId(value, line);
  if (name == "credits") return ReadCredits(value, line);
  if (name.starts_with(kLimit)) return ReadLimit(name.substr(kLimit.size()), value, line);
  if (name.starts_with(kAttribute)) return ReadAttribute(name.substr(kAttribute.size()), value, line);
  return Fault{
      "it has an attribute that is not known; expires=, suspended, group=, limit.<name>=, credits=, id= and "
      "attr.<name>= are, one space before each"};
}

Status<> ReadAttributeWord(std::string_view word, ParsedLine& line) {
  if (word == "suspended") {
    line.suspended = true;
    return Done{};
  }
  const size_t equals = word.find('=');
  if (equals == std::string_view::npos) return ReadWord("", "", line);
  return ReadWord(word.substr(0, equals), word.substr(equals + 1), line);
}

}  // namespace

bool IsHeaderSafe(std::string_view text) {
  if (text.starts_with(' ') || text.ends_with(' ')) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c == ' ' || IsVisible(c); });
}

Result<ParsedLine> ParseKeyLine(std::string_view line) {
  ParsedLine parsed;
  if (line.ends_with(' ')) return Fault{"it ends in a space; remove that"};
  if (Status<> status = ReadKey(TakeWord(line), parsed); !status) return status.error();
  std::set<std::string_view> names;
  while (!line.empty()) {
    const std::string_view word = TakeWord(line);
    if (Status<> status = ReadAttributeWord(word, parsed); !status) return status.error();
    if (!names.insert(word.substr(0, word.find('='))).second) {
      return Fault{"it has the same attribute twice; remove one"};
    }
  }
  return parsed;
}

}  // namespace tollgate::resource
