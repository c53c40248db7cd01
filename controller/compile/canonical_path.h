// The one spelling in which paths are compared. A match is written in it here, because the proxy puts every
// request's path into it before it looks for a rule: any other spelling would never match. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "api/base/result.h"

namespace tollgate::compile {

// A path, or a path with variables in braces, in canonical form (RFC 3986, sections 6.2.2.1 and 6.2.2.2):
// unreserved characters decoded, every other octet that came encoded kept so, with upper-case digits; empty
// segments and variables kept. An error where there is no such form: a '%' without two hexadecimal digits,
// "%00", a character that may not stand in a path (section 3.3). Dot segments are an error too: resolving
// them would give the author a match other than the one that stands in the object.
Result<std::string> CanonicalPath(std::string_view path);
Result<std::string> CanonicalTemplate(std::string_view path);

}  // namespace tollgate::compile
