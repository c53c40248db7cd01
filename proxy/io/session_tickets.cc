#include "proxy/io/session_tickets.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>

#include "api/base/check.h"

namespace tollgate::io {
namespace {

constexpr int kVectorBytes = 16;  // of AES in CBC mode

bool SetMacKey(const TicketKeys::Key& key, EVP_MAC_CTX* mac) {
  char digest[] = "SHA256";
  auto* const bytes = const_cast<uint8_t*>(key.mac.data());
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, bytes, key.mac.size()),
                               OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                               OSSL_PARAM_construct_end()};
  return EVP_MAC_CTX_set_params(mac, params) == 1;
}

int Seal(const TicketKeys::Key& key, unsigned char* name, unsigned char* vector, EVP_CIPHER_CTX* cipher,
         EVP_MAC_CTX* mac) {
  std::copy(key.name.begin(), key.name.end(), name);
  const bool sealed = RAND_bytes(vector, kVectorBytes) == 1 && SetMacKey(key, mac) &&
                      EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.cipher.data(), vector) == 1;
  return sealed ? 1 : -1;
}

int Open(const TicketKeys::Opening& found, const unsigned char* vector, EVP_CIPHER_CTX* cipher,
         EVP_MAC_CTX* mac) {
  const bool opened = SetMacKey(found.key, mac) && EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr,
                                                                      found.key.cipher.data(), vector) == 1;
  if (!opened) return -1;
  return found.renew ? 2 : 1;
}

// As SSL_CTX_set_tlsext_ticket_key_evp_cb(3) has it: 1 done, 2 done and to be renewed, 0 no such key, -1
// failed.
int UseKey(SSL* ssl, unsigned char* name, unsigned char* vector, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
           int seal) {
  TicketHolder* const holder = HolderOf(ssl);
  if (holder == nullptr) return 0;
  if (seal == 1) return Seal(holder->keys.Sealing(SteadyNow()), name, vector, cipher, mac);
  const auto found = holder->keys.Find(std::span<const uint8_t, 16>(name, std::size_t{16}), SteadyNow());
  return found ? Open(*found, vector, cipher, mac) : 0;
}

}  // namespace

void SealTickets(SSL_CTX* context) {
  TOLLGATE_CHECK(SSL_CTX_set_tlsext_ticket_key_evp_cb(context, UseKey) == 1);
  SSL_CTX_set_timeout(context, std::chrono::seconds(TicketKeys::kLife).count());
}

}  // namespace tollgate::io
