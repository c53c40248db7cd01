#include "tests/kit/heads.h"

#include <cstdlib>

#include "proxy/http/head_parser.h"

namespace tollgate::kit {
namespace {

std::string StartLine(std::string_view method, std::string_view target, int minor_version) {
  return std::string(method) + " " + std::string(target) + " HTTP/1." + std::to_string(minor_version) +
         "\r\n";
}

void DieUnless(bool parsed) {
  if (!parsed) std::abort();  // the test's own text is wrong
}

}  // namespace

Request::Request(std::string_view method, std::string_view target, std::string_view lines, int minor_version)
    : text_(StartLine(method, target, minor_version) + std::string(lines) + "\r\n") {
  DieUnless(http::ParseRequestHead(text_, head_).status == http::HeadStatus::kDone);
}

Response::Response(int status, std::string_view lines, int minor_version)
    : text_("HTTP/1." + std::to_string(minor_version) + " " + std::to_string(status) + " Any reason\r\n" +
            std::string(lines) + "\r\n") {
  DieUnless(http::ParseResponseHead(text_, head_).status == http::HeadStatus::kDone);
}

std::string ToText(const http::Fields& fields) {
  std::string text;
  for (const http::Field& field : fields) {
    text += std::string(field.name) + ": " + std::string(field.value) + "\n";
  }
  return text;
}

}  // namespace tollgate::kit
