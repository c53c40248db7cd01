// Heads beside llhttp, the parser of Node.js, in its strict mode: what we take for a request it takes for the
// same one. The other way round we are stricter. Two who read one head differently are how requests are
// smuggled.
#include <llhttp.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/http/framing.h"
#include "proxy/http/head_parser.h"
#include "proxy/http/target.h"
#include "tests/fuzz/require.h"

namespace tollgate::fuzz {
namespace {

struct Read {
  std::string target;
  std::vector<std::pair<std::string, std::string>> fields;
  bool in_value = true;  // the next name begins a field
  bool done = false;
  bool chunked = false;
  uint64_t length = 0;
};

Read& Of(llhttp_t* parser) { return *static_cast<Read*>(parser->data); }

int OnTarget(llhttp_t* parser, const char* at, size_t size) {
  Of(parser).target.append(at, size);
  return 0;
}
int OnName(llhttp_t* parser, const char* at, size_t size) {
  Read& read = Of(parser);
  if (std::exchange(read.in_value, false)) read.fields.emplace_back();
  read.fields.back().first.append(at, size);
  return 0;
}
int OnValue(llhttp_t* parser, const char* at, size_t size) {
  Read& read = Of(parser);
  read.in_value = true;
  read.fields.back().second.append(at, size);
  return 0;
}
int OnHead(llhttp_t* parser) {
  Read& read = Of(parser);
  read.done = true;
  read.chunked = (parser->flags & F_CHUNKED) != 0;
  read.length = parser->content_length;
  return HPE_PAUSED;
}

std::string_view Trimmed(std::string_view value) {
  const size_t end = value.find_last_not_of(" \t");
  return end == std::string_view::npos ? std::string_view() : value.substr(0, end + 1);
}

void RequireSame(const http::RequestHead& ours, const http::Framing& framing, const Read& theirs) {
  Require(theirs.target == ours.target, "the same target");
  Require(theirs.fields.size() == ours.fields.size(), "as many fields");
  for (size_t i = 0; i < theirs.fields.size(); ++i) {
    const http::Field& field = ours.fields.begin()[i];
    Require(theirs.fields[i].first == field.name && Trimmed(theirs.fields[i].second) == field.value,
            "the same fields");
  }
  Require(theirs.chunked == (framing.kind == http::Framing::Kind::kChunked), "chunked or not");
  if (framing.kind == http::Framing::Kind::kLength) {
    Require(theirs.length == framing.length, "the same length");
  }
}

// It knows the registered methods alone; any token is one to us.
bool IsKnownMethod(std::string_view method) {
#define TOLLGATE_METHOD(number, name, string) \
  if (method == #string) return true;
  HTTP_METHOD_MAP(TOLLGATE_METHOD)
#undef TOLLGATE_METHOD
  return false;
}

void Check(std::string_view input) {
  http::HeadScanner scanner;
  const http::HeadResult scanned = scanner.Scan(input);
  if (scanned.status != http::HeadStatus::kDone) return;
  const std::string_view text = input.substr(0, scanned.length);
  http::RequestHead head;
  if (http::ParseRequestHead(text, head).status != http::HeadStatus::kDone) return;
  const http::FramingResult framing = http::RequestFraming(head);
  http::Target target;
  if (framing.status != http::FramingStatus::kDone || !http::ParseTarget(head, target).empty()) return;
  if (!IsKnownMethod(head.method) || head.method == "CONNECT" || head.method == "PRI") return;

  llhttp_settings_t settings;
  llhttp_settings_init(&settings);
  settings.on_url = OnTarget;
  settings.on_header_field = OnName;
  settings.on_header_value = OnValue;
  settings.on_headers_complete = OnHead;
  llhttp_t parser;
  llhttp_init(&parser, HTTP_REQUEST, &settings);
  Read read;
  parser.data = &read;
  const llhttp_errno_t error = llhttp_execute(&parser, text.data(), text.size());
  // It takes no tab behind a length, which is as good as a space (RFC 9110, section 5.6.3).
  if (error == HPE_INVALID_CONTENT_LENGTH && text.find('\t') != std::string_view::npos) return;
  if (!read.done) std::fprintf(stderr, "llhttp: %s\n", llhttp_get_error_reason(&parser));
  Require(read.done && (error == HPE_OK || error == HPE_PAUSED), "llhttp takes what we take");
  RequireSame(head, framing.framing, read);
}

}  // namespace
}  // namespace tollgate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  // The first byte of head_fuzz's inputs, which this shares, says where they are cut.
  tollgate::fuzz::Check({reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
