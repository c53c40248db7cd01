// The request target in its one canonical form (RFC 9112, section 3.2; RFC 3986, section 6.2.2): what routes
// match, keys hold, logs show and upstreams receive. What has no such form is refused, so that no two
// components can read one target differently. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "proxy/http/head.h"

namespace tollgate::http {

struct Target {
  enum class Form { kOrigin, kAsterisk, kAuthority };
  Form form = Form::kOrigin;
  // Percent-encoding in upper case, unreserved characters decoded, dot segments resolved; "%2F", "//" and
  // other encoded octets as they came. Begins with "/". Slices the request or `storage`.
  std::string_view path;
  std::string_view query;  // as it came, without "?"
  bool has_query = false;
  // The host that the request is for: of an absolute target, else of Host. Lower case, without port; empty
  // where an HTTP/1.0 request names none.
  std::string_view host;
  std::string_view scheme;     // of an absolute target: "http" or "https"; else empty
  std::string_view authority;  // the same with its port, as it came
  std::string storage;         // what could not stay a slice

  Target() = default;
  Target(const Target&) = delete;  // slices may point into `storage`
  Target& operator=(const Target&) = delete;
};

// Empty on success; else which rule was broken, for the log. The answer is 400.
std::string_view ParseTarget(const RequestHead& head, Target& out);

// The canonical form of a path, appended to `out`; false where there is none.
bool AppendCanonicalPath(std::string_view path, std::string& out);

// Whether text is host [":" port] as RFC 3986, section 3.2.2, has it, with names that DNS can hold.
bool IsAuthority(std::string_view text);

}  // namespace tollgate::http
