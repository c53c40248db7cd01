#include "proxy/cache/override.h"

#include <array>
#include <string_view>

namespace tollgate::cache {
namespace {

struct Name {
  std::string_view text;
  Override override;
};

// X-Forwarded-Host and X-Forwarded-Proto are not among them: the gateway writes those itself.
constexpr std::array kNames = std::to_array<Name>({
    {"x-forwarded-path", Override::kTarget},
    {"x-forwarded-port", Override::kTarget},
    {"x-forwarded-prefix", Override::kTarget},
    {"x-forwarded-scheme", Override::kTarget},
    {"x-forwarded-server", Override::kTarget},
    {"x-forwarded-ssl", Override::kTarget},
    {"x-host", Override::kTarget},
    {"x-http-host-override", Override::kTarget},
    {"x-http-method", Override::kMethod},
    {"x-http-method-override", Override::kMethod},
    {"x-method-override", Override::kMethod},
    {"x-original-host", Override::kTarget},
    {"x-original-url", Override::kTarget},
    {"x-rewrite-url", Override::kTarget},
});

}  // namespace

Override FindOverride(std::string_view name) {
  for (const Name& known : kNames) {
    if (http::EqualsIgnoringCase(name, known.text)) return known.override;
    if (http::IsLookAlike(name, known.text)) return known.override;
  }
  return Override::kNone;
}

}  // namespace tollgate::cache
