// A TLS client that is OpenSSL alone, on a blocking socket, in a thread of its own.
#pragma once

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

namespace tollgate::io {

class TlsClient {
 public:
  struct Wish {
    std::string server_name = "a.example";
    int newest = TLS1_3_VERSION;
    SSL_SESSION* session = nullptr;
    std::string protocols = {};  // as ALPN has them
  };

  // Takes the socket over.
  explicit TlsClient(int fd) : fd_(fd), context_(SSL_CTX_new(TLS_client_method())) {}
  ~TlsClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
    if (fd_ >= 0) ::close(fd_);
  }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  bool Connect(const Wish& wish) {
    SSL_CTX_set_max_proto_version(context_, wish.newest);
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, fd_);
    if (!wish.server_name.empty()) SSL_set_tlsext_host_name(ssl_, wish.server_name.c_str());
    if (wish.session != nullptr) SSL_set_session(ssl_, wish.session);
    const auto* protocols = reinterpret_cast<const unsigned char*>(wish.protocols.data());
    if (!wish.protocols.empty()) {
      SSL_set_alpn_protos(ssl_, protocols, static_cast<unsigned>(wish.protocols.size()));
    }
    const bool connected = SSL_connect(ssl_) == 1;
    // Of an alert: its number is the reason's without the library's offset.
    alert_ = connected ? 0 : ERR_GET_REASON(ERR_peek_last_error()) - SSL_AD_REASON_OFFSET;
    ERR_clear_error();
    return connected;
  }
  int alert() const { return alert_; }
  SSL* ssl() { return ssl_; }

  void SendRaw(const std::string& bytes) { (void)!::write(fd_, bytes.data(), bytes.size()); }
  void Send(const std::string& text) { (void)SSL_write(ssl_, text.data(), static_cast<int>(text.size())); }
  // All that comes, at most `most` bytes.
  std::string Read(size_t most = SIZE_MAX) {
    std::string text;
    std::array<char, 16384> buffer;
    while (text.size() < most) {
      const size_t want = std::min(buffer.size(), most - text.size());
      const int n = SSL_read(ssl_, buffer.data(), static_cast<int>(want));
      if (n <= 0) {
        ended_cleanly_ = SSL_get_error(ssl_, n) == SSL_ERROR_ZERO_RETURN;
        break;
      }
      text.append(buffer.data(), static_cast<size_t>(n));
    }
    ERR_clear_error();
    return text;
  }
  // Of the Read that met the end: whether it came with close_notify.
  bool ended_cleanly() const { return ended_cleanly_; }
  void CloseCleanly() {
    SSL_shutdown(ssl_);
    Drop();
  }
  void Drop() { ::close(std::exchange(fd_, -1)); }

 private:
  int fd_;
  SSL_CTX* const context_;
  SSL* ssl_ = nullptr;
  int alert_ = 0;
  bool ended_cleanly_ = false;
};

}  // namespace tollgate::io
