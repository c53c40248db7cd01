#include "controller/kube/connection_config.h"

#include <cpprest/http_client.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <stdexcept>

#include "controller/kube/tls.h"

namespace tollgate::kube {
namespace {

using web::http::client::http_client_config;
using TlsStream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>;

// cpprestsdk counts idle time and closes the connection; every wait of ours has a deadline of its own that is
// far below this.
constexpr std::chrono::hours kLibraryTimeout{1};

// A connection that lost its other end without a word (a dead node, a forgotten NAT entry) is noticed after
// idle + interval × count = 30 s, long before a watch would miss anything to say.
constexpr int kKeepAliveIdleSeconds = 15;
constexpr int kKeepAliveIntervalSeconds = 5;
constexpr int kKeepAliveCount = 3;
constexpr int kUnacknowledgedMillis = 30'000;

void SetKeepAlive(int socket) {
  const auto set = [socket](int level, int name, int value) {
    // A kernel that knows no such option leaves us with the watch's own limit on silence.
    (void)setsockopt(socket, level, name, &value, sizeof value);
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, kKeepAliveIdleSeconds);
  set(IPPROTO_TCP, TCP_KEEPINTVL, kKeepAliveIntervalSeconds);
  set(IPPROTO_TCP, TCP_KEEPCNT, kKeepAliveCount);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, kUnacknowledgedMillis);
}

// cpprestsdk shows a connection to its user only before it has a socket. So the connection is noted in its
// SSL, which tells when the handshake begins and the socket is there.
int StreamIndex() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

void OnTlsProgress(const SSL* ssl, int where, int) {
  if ((where & SSL_CB_HANDSHAKE_START) == 0) return;
  if (auto* stream = static_cast<TlsStream*>(SSL_get_ex_data(ssl, StreamIndex()))) {
    SetKeepAlive(stream->next_layer().native_handle());
  }
}

void RememberStream(web::http::client::native_handle handle) {
  auto* stream = static_cast<TlsStream*>(handle);
  SSL_set_ex_data(stream->native_handle(), StreamIndex(), stream);
}

}  // namespace

std::string ExpectedHost(const Credentials& credentials) {
  return credentials.server_name.empty() ? web::uri(credentials.server).host() : credentials.server_name;
}

http_client_config ConfigureConnections(const Credentials& credentials, std::shared_ptr<Peer> peer) {
  const std::string host = ExpectedHost(credentials);
  http_client_config config;
  config.set_timeout(kLibraryTimeout);
  // A redirect would carry our token to wherever it points.
  config.set_max_redirects(0);
  // RFC 6066, section 3: an address is no server name.
  config.set_tlsext_sni_enabled(!IsIpAddress(host));
  config.set_nativehandle_options(RememberStream);
  config.set_ssl_context_callback([credentials, host, peer](boost::asio::ssl::context& context) {
    if (auto set_up = SetUpTls(context.native_handle(), credentials, host, *peer); !set_up) {
      throw std::runtime_error(set_up.error().message);
    }
    SSL_CTX_set_info_callback(context.native_handle(), OnTlsProgress);
  });
  return config;
}

}  // namespace tollgate::kube
