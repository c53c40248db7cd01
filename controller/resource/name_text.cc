#include "controller/resource/name_text.h"

#include <re2/re2.h>

#include "api/base/dns_label.h"

namespace tollgate::resource {

bool IsLabel(const std::string& text) { return IsDnsLabel(text); }

bool IsSubdomain(const std::string& text) {
  static const RE2 kSubdomain("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
  return text.size() <= 253 && RE2::FullMatch(text, kSubdomain);
}

}  // namespace tollgate::resource
