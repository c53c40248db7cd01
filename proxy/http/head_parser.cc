#include "proxy/http/head_parser.h"

#include <cstring>

#include "proxy/http/characters.h"

namespace tollgate::http {
namespace {

HeadResult Malformed(std::string_view reason) { return {HeadStatus::kMalformed, 0, reason}; }

// Takes the line up to its CRLF off the front. HeadScanner has seen that every LF follows a CR.
std::string_view TakeLine(std::string_view& rest) {
  const size_t lf = rest.find('\n');
  const std::string_view line = rest.substr(0, lf - 1);
  rest.remove_prefix(lf + 1);
  return line;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// RFC 9112, section 2.3: "HTTP/" DIGIT "." DIGIT, case-sensitive.
HeadStatus ParseVersion(std::string_view text, int& minor) {
  const bool shaped =
      text.size() == 8 && text.starts_with("HTTP/") && IsDigit(text[5]) && text[6] == '.' && IsDigit(text[7]);
  if (!shaped) return HeadStatus::kMalformed;
  if (text[5] != '1' || text[7] > '1') return HeadStatus::kBadVersion;
  minor = text[7] - '0';
  return HeadStatus::kDone;
}

HeadResult ParseFieldLine(std::string_view line, Fields& out) {
  size_t colon = 0;
  while (colon < line.size() && Is(line[colon], kTokenChar)) ++colon;
  if (colon == line.size()) return Malformed("a field line has no colon");
  // White space before the colon (section 5.1) and a folded line (section 5.2) end up here too.
  if (colon == 0 || line[colon] != ':') return Malformed("a field name is not a token");
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = TrimBlanks(line.substr(colon + 1));
  if (!AllOf(value, kFieldValueChar)) return Malformed("a field value has a control character");
  if (!out.Add({name, value, Classify(name)})) return {HeadStatus::kTooManyFields};
  return {HeadStatus::kDone};
}

}  // namespace

bool IsToken(std::string_view text) { return !text.empty() && AllOf(text, kTokenChar); }

HeadResult HeadScanner::Scan(std::string_view input) {
  while (true) {
    const void* found = searched_ < input.size()
                            ? std::memchr(input.data() + searched_, '\n', input.size() - searched_)
                            : nullptr;
    if (found == nullptr) {
      searched_ = input.size();
      return {HeadStatus::kIncomplete};
    }
    const size_t lf = static_cast<size_t>(static_cast<const char*>(found) - input.data());
    if (lf == line_start_ || input[lf - 1] != '\r') return Malformed("a line ends in a bare LF");
    const bool empty_line = lf == line_start_ + 1;
    line_start_ = searched_ = lf + 1;
    if (empty_line) return {HeadStatus::kDone, lf + 1};
  }
}

HeadResult ParseFields(std::string_view section, Fields& out) {
  const size_t length = section.size();
  while (true) {
    const std::string_view line = TakeLine(section);
    if (line.empty()) return {HeadStatus::kDone, length};
    const HeadResult field = ParseFieldLine(line, out);
    if (field.status != HeadStatus::kDone) return field;
  }
}

HeadResult ParseRequestHead(std::string_view head, RequestHead& out) {
  out.fields.Clear();
  std::string_view rest = head;
  const std::string_view line = TakeLine(rest);
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return Malformed("the request line has not three parts");
  const std::string_view method = line.substr(0, first);
  out.target = line.substr(first + 1, last - first - 1);
  // What is no method may be anything, a key for instance: it must not reach the log as one.
  if (!IsToken(method)) return Malformed("the method is not a token");
  out.method = method;
  if (out.target.empty() || out.target.find(' ') != std::string_view::npos) {
    return Malformed("the request target is empty or has a space");
  }
  const HeadStatus version = ParseVersion(line.substr(last + 1), out.minor_version);
  if (version == HeadStatus::kMalformed) return Malformed("the protocol version is not HTTP/1.x");
  if (version != HeadStatus::kDone) return {version};
  HeadResult fields = ParseFields(rest, out.fields);
  if (fields.status == HeadStatus::kDone) fields.length = head.size();
  return fields;
}

HeadResult ParseResponseHead(std::string_view head, ResponseHead& out) {
  out.fields.Clear();
  std::string_view rest = head;
  const std::string_view line = TakeLine(rest);
  // "HTTP/1.1 200" and an optional reason after one space; some servers leave that space out.
  const bool shaped = line.size() >= 12 && line[8] == ' ' && IsDigit(line[9]) && IsDigit(line[10]) &&
                      IsDigit(line[11]) && (line.size() == 12 || line[12] == ' ');
  if (!shaped) return Malformed("the status line is malformed");
  const HeadStatus version = ParseVersion(line.substr(0, 8), out.minor_version);
  if (version != HeadStatus::kDone) return {version, 0, "the protocol version is not HTTP/1.x"};
  out.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  if (out.status < 100 || out.status > 599) return Malformed("the status code is out of range");
  out.reason = line.size() > 13 ? line.substr(13) : std::string_view();
  if (!AllOf(out.reason, kFieldValueChar)) return Malformed("the reason phrase has a control character");
  HeadResult fields = ParseFields(rest, out.fields);
  if (fields.status == HeadStatus::kDone) fields.length = head.size();
  return fields;
}

}  // namespace tollgate::http
