#include "proxy/http/web_socket.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <span>

#include "api/base/check.h"
#include "proxy/http/framing.h"

namespace tollgate::http {
namespace {

std::string Base64(std::span<const unsigned char> bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // with the zero that it writes behind
  const int size = ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                                     static_cast<int>(bytes.size()));
  text.resize(static_cast<size_t>(size));
  return text;
}

// Section 4.2.2: what shows that the key was read by somebody who speaks WebSocket.
std::string AcceptOf(std::string_view key) {
  const std::string proved = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, 20> digest;
  size_t size = digest.size();
  const int made =
      ::EVP_Q_digest(nullptr, "SHA1", nullptr, proved.data(), proved.size(), digest.data(), &size);
  TOLLGATE_CHECK(made == 1 && size == digest.size());
  return Base64(digest);
}

bool Lists(const Fields& fields, KnownHeader header, std::string_view token) {
  for (const Field& field : fields) {
    if (field.known == header && ListContains(field.value, token)) return true;
  }
  return false;
}

bool Upgrades(const Fields& fields) {
  return Lists(fields, KnownHeader::kUpgrade, kWebSocket) &&
         Lists(fields, KnownHeader::kConnection, "upgrade");
}

}  // namespace

bool AsksForWebSocket(const RequestHead& head) {
  return head.method == "GET" && head.minor_version >= 1 && Upgrades(head.fields);
}

bool OpensWebSocket(const ResponseHead& head, std::string_view key) {
  if (!Upgrades(head.fields)) return false;
  if (key.empty()) return true;
  const Field* const accept = head.fields.Find("Sec-WebSocket-Accept");
  return accept != nullptr && accept->value == AcceptOf(key);
}

std::string MakeWebSocketKey() {
  std::array<unsigned char, 16> nonce;
  TOLLGATE_CHECK(::RAND_bytes(nonce.data(), static_cast<int>(nonce.size())) == 1);
  return Base64(nonce);
}

}  // namespace tollgate::http
