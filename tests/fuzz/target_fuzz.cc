// Targets: what is accepted is in the one canonical form, reaches nothing above its root, and names a host.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/http/characters.h"
#include "proxy/http/target.h"
#include "tests/fuzz/require.h"

namespace tollgate::fuzz {
namespace {

void RequireCanonical(std::string_view path) {
  Require(path.starts_with('/'), "a path begins with a slash");
  std::string again;
  Require(http::AppendCanonicalPath(path, again) && again == path, "the canonical form is its own");
  const std::string bounded = std::string(path) + "/";
  Require(bounded.find("/./") == std::string::npos && bounded.find("/../") == std::string::npos,
          "no dot segments");
  for (size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '%') {
      Require(http::Is(path[i], http::kPathChar), "a path has path characters");
      continue;
    }
    Require(i + 2 < path.size() &&
                path.substr(i + 1, 2).find_first_not_of("0123456789ABCDEF") == std::string::npos,
            "hex is upper-case");
    Require(path.substr(i, 3) != "%00", "no zero");
  }
}

void CheckTarget(std::string_view method, std::string_view target, std::string_view host) {
  http::RequestHead head;
  head.method = method;
  head.target = target;
  (void)head.fields.Add({"Host", host, http::KnownHeader::kHost});
  http::Target out;
  if (!http::ParseTarget(head, out).empty()) return;
  Require(out.host.size() <= 255 && out.host.size() <= out.authority.size(),
          "a host is a part of its authority");
  for (const char c : out.host) Require(c < 'A' || c > 'Z', "hosts are lower-case");
  Require(out.authority.empty() || http::IsAuthority(out.authority), "an authority is one");
  if (out.form == http::Target::Form::kOrigin) RequireCanonical(out.path);
  Require(out.query.find_first_of(std::string_view(" \r\n\0", 4)) == std::string_view::npos,
          "a query is one word");
}

}  // namespace
}  // namespace tollgate::fuzz

// The first byte chooses the method, a line end parts the target from the host.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr std::array<std::string_view, 3> kMethods = {"GET", "OPTIONS", "CONNECT"};
  if (size < 2) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t end = std::min(input.find('\n'), input.size());
  if (end == 0 || input.substr(0, end).find(' ') != std::string_view::npos) return 0;  // the parser's part
  const std::string_view host = end < input.size() ? input.substr(end + 1) : std::string_view("a.example");
  tollgate::fuzz::CheckTarget(kMethods[data[0] % kMethods.size()], input.substr(0, end), host);
  return 0;
}
