#include "proxy/limit/name_key.h"

#include <string>

#include "api/base/digest.h"

namespace tollgate::limit {
namespace {

uint64_t BigEndian(const uint8_t* bytes) {
  uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | bytes[i];
  return value;
}

}  // namespace

store::Key128 KeyOf(std::string_view kind, std::initializer_list<std::string_view> parts) {
  thread_local std::string text;  // kept: one allocation for a whole catalog
  text.assign(kind);
  for (const std::string_view part : parts) {
    text += '\0';
    text += part;
  }
  const Sha256Digest digest = Sha256(text);
  return {BigEndian(digest.data()), BigEndian(digest.data() + 8)};
}

}  // namespace tollgate::limit
