// One line of a consumer's entry: `sha256:<hex>` or `plain:<20 or more characters>`, then attributes, each
// behind one space: expires=, suspended, group=, credits=, id=, limit.<name>=, attr.<name>=. Any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "api/base/result.h"
#include "controller/resource/consumer_secret.h"

namespace tollgate::resource {

struct ParsedLine {
  KeyLine key;
  bool is_plain = false;
  bool suspended = false;
  std::string group;
  std::string id;  // decoded; empty: the entry's name counts
  std::map<std::string, uint64_t> limits;
  std::optional<uint64_t> credits;
  std::map<std::string, std::string> attributes;
};

// The error is half a sentence that says what is wrong and what to write instead, and never contains any of
// the line: it might be a key that was put in the wrong place.
Result<ParsedLine> ParseKeyLine(std::string_view line);

// Whether text can travel in an HTTP field value as it is (RFC 9110, section 5.5): visible ASCII, and spaces
// but at its ends.
bool IsHeaderSafe(std::string_view text);

}  // namespace tollgate::resource
