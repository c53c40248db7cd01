// Writes text as the inside of a JSON string (RFC 8259, section 7). Any thread.
#pragma once

#include <string>
#include <string_view>

namespace tollgate {

// Appends `text` escaped, without quotes. Bytes that are not UTF-8 become U+FFFD: log lines and problem
// documents stay valid JSON whatever a client sends.
void AppendJsonEscaped(std::string_view text, std::string& out);

// Appends `text` as a JSON string with its quotes.
void AppendJsonString(std::string_view text, std::string& out);

}  // namespace tollgate
