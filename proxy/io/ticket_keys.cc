#include "proxy/io/ticket_keys.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>

#include "api/base/check.h"

namespace tollgate::io {
namespace {

TicketKeys::Key MakeKey() {
  TicketKeys::Key key;
  TOLLGATE_CHECK(RAND_bytes(key.name.data(), static_cast<int>(key.name.size())) == 1);
  TOLLGATE_CHECK(RAND_priv_bytes(key.cipher.data(), static_cast<int>(key.cipher.size())) == 1);
  TOLLGATE_CHECK(RAND_priv_bytes(key.mac.data(), static_cast<int>(key.mac.size())) == 1);
  return key;
}

}  // namespace

TicketKeys::TicketKeys(SteadyTime now) : current_(MakeKey()), made_(now) {}

TicketKeys::~TicketKeys() {
  OPENSSL_cleanse(&current_, sizeof current_);
  if (previous_) OPENSSL_cleanse(&*previous_, sizeof *previous_);
}

void TicketKeys::Turn(SteadyTime now) {
  if (now - made_ < kLife) return;
  // Unused for so long that even the newest ticket is too old.
  const bool too_old = now - made_ >= 2 * kLife;
  previous_ = too_old ? std::nullopt : std::optional(current_);
  current_ = MakeKey();
  made_ = too_old ? now : made_ + kLife;
}

TicketKeys::Key TicketKeys::Sealing(SteadyTime now) {
  const std::scoped_lock lock(mutex_);
  Turn(now);
  return current_;
}

std::optional<TicketKeys::Opening> TicketKeys::Find(std::span<const uint8_t, 16> name, SteadyTime now) {
  const std::scoped_lock lock(mutex_);
  Turn(now);
  if (std::equal(name.begin(), name.end(), current_.name.begin())) return Opening{current_, false};
  if (previous_ && std::equal(name.begin(), name.end(), previous_->name.begin())) {
    return Opening{*previous_, true};
  }
  return std::nullopt;
}

}  // namespace tollgate::io
