// Names as the apiserver takes them. Pure; any thread.
#pragma once

#include <string>

namespace tollgate::resource {

// RFC 1123, as Kubernetes reads it: a namespace and a Service have a label for a name, most objects a
// subdomain.
bool IsLabel(const std::string& text);
bool IsSubdomain(const std::string& text);

}  // namespace tollgate::resource
