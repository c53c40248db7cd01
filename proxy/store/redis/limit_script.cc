#include "proxy/store/redis/limit_script.h"

#include <openssl/evp.h>

#include <array>

#include "api/base/check.h"
#include "api/base/digest.h"

namespace tollgate::embedded {
extern const std::string_view limit_prelude;
extern const std::string_view limit_records;
extern const std::string_view limit_bucket;
extern const std::string_view limit_ring;
extern const std::string_view limit_slots;
extern const std::string_view limit_window;
extern const std::string_view limit_credits;
extern const std::string_view limit_decide;
}  // namespace tollgate::embedded

namespace tollgate::store {
namespace {

std::string Compose(std::string_view prelude) {
  using namespace embedded;
  std::string text(prelude);
  for (const std::string_view part :
       {limit_records, limit_bucket, limit_ring, limit_slots, limit_window, limit_credits, limit_decide}) {
    text += part;
  }
  return text;
}

std::string Sha1(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  size_t size = 0;
  const int made = ::EVP_Q_digest(nullptr, "SHA1", nullptr, text.data(), text.size(), digest.data(), &size);
  TOLLGATE_CHECK(made == 1);
  (void)made;
  return ToHex({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace

LimitScript::LimitScript() : LimitScript(embedded::limit_prelude) {}
LimitScript::LimitScript(std::string_view prelude) : text_(Compose(prelude)), sha_(Sha1(text_)) {}

}  // namespace tollgate::store
