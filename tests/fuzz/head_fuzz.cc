// Heads: whatever comes is refused or read, the same way however it is cut, and what was read is a head again
// when it is written.
#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/http/framing.h"
#include "proxy/http/head_parser.h"
#include "proxy/http/head_writer.h"
#include "tests/fuzz/require.h"

namespace tollgate::fuzz {
namespace {

using http::HeadStatus;

bool IsInside(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void RequireSound(const http::Fields& fields, std::string_view head) {
  for (const http::Field& field : fields) {
    Require(http::IsToken(field.name), "a name is a token");
    Require(IsInside(field.name, head) && IsInside(field.value, head), "fields are slices of the head");
    Require(field.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos,
            "a value has no line end and no zero");
    Require(field.known == http::Classify(field.name), "names are told apart");
  }
}

void RequireSame(const http::Fields& a, const http::Fields& b) {
  Require(a.size() == b.size(), "as many fields");
  for (size_t i = 0; i < a.size(); ++i) {
    Require(a.begin()[i].name == b.begin()[i].name && a.begin()[i].value == b.begin()[i].value,
            "the same fields");
  }
}

void WriteFields(const http::Fields& fields, http::HeadWriter& out) {
  for (const http::Field& field : fields) out.Field(field.name, field.value);
  out.End();
}

void CheckRequest(std::string_view head) {
  http::RequestHead request;
  if (http::ParseRequestHead(head, request).status != HeadStatus::kDone) return;
  Require(http::IsToken(request.method), "the method is a token");
  Require(!request.target.empty() && request.target.find(' ') == std::string_view::npos,
          "the target has no space");
  RequireSound(request.fields, head);
  const http::FramingResult framing = http::RequestFraming(request);
  Require(framing.status != http::FramingStatus::kDone ||
              framing.framing.kind != http::Framing::Kind::kUntilClose,
          "no request lasts until the connection's end");
  if (request.minor_version == 0) return;  // the writer writes HTTP/1.1
  std::string text;
  http::HeadWriter writer(text);
  writer.RequestLine(request.method, request.target, {}, false);
  WriteFields(request.fields, writer);
  http::RequestHead again;
  Require(http::ParseRequestHead(text, again).status == HeadStatus::kDone, "what was read can be written");
  Require(again.method == request.method && again.target == request.target, "the same request line");
  RequireSame(request.fields, again.fields);
}

void CheckResponse(std::string_view head) {
  http::ResponseHead response;
  if (http::ParseResponseHead(head, response).status != HeadStatus::kDone) return;
  Require(response.status >= 100 && response.status <= 599, "the status is one");
  RequireSound(response.fields, head);
  (void)http::ResponseFraming(response, "GET");
}

void CheckHead(std::string_view input, size_t cut) {
  http::HeadScanner whole;
  const http::HeadResult result = whole.Scan(input);
  http::HeadScanner pieces;
  http::HeadResult cut_result = pieces.Scan(input.substr(0, cut));
  if (cut_result.status == HeadStatus::kIncomplete) cut_result = pieces.Scan(input);
  Require(result.status == cut_result.status && result.length == cut_result.length, "cuts change nothing");
  if (result.status != HeadStatus::kDone) return;
  Require(result.length <= input.size(), "a head is no longer than its input");
  const std::string_view head = input.substr(0, result.length);
  Require(head.ends_with("\n\r\n") || head == "\r\n", "a head ends in an empty line");
  CheckRequest(head);
  CheckResponse(head);
}

}  // namespace
}  // namespace tollgate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  tollgate::fuzz::CheckHead(input, data[0] % (input.size() + 1));
  return 0;
}
