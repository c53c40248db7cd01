// Sessions that a client may resume, one an endpoint. Included by proxy/io alone, since it carries OpenSSL's
// headers. Any thread.
#pragma once

#include <openssl/ssl.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace tollgate::io {

struct FreeSession {
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using OwnedSession = std::unique_ptr<SSL_SESSION, FreeSession>;

class ClientSessions {
 public:
  // Some kilobytes each, with the peer's certificates.
  static constexpr size_t kMost = 256;

  // In place of the one before.
  void Keep(const std::string& endpoint, OwnedSession session) {
    if (session == nullptr) return;
    const std::scoped_lock lock(mutex_);
    // Whichever goes costs its endpoint one whole handshake.
    if (sessions_.size() >= kMost && !sessions_.contains(endpoint)) sessions_.erase(sessions_.begin());
    sessions_[endpoint] = std::move(session);
  }
  // A copy, since OpenSSL spoils the one of a connection. As often as the peer takes it: that two connections
  // come from the same gateway is no secret (RFC 8446, appendix C.4). nullptr: there is none.
  OwnedSession Find(const std::string& endpoint) const {
    const std::scoped_lock lock(mutex_);
    const auto found = sessions_.find(endpoint);
    return OwnedSession(found == sessions_.end() ? nullptr : SSL_SESSION_dup(found->second.get()));
  }
  // The peer does not take it.
  void Forget(const std::string& endpoint) {
    const std::scoped_lock lock(mutex_);
    sessions_.erase(endpoint);
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, OwnedSession> sessions_;  // guarded by mutex_
};

}  // namespace tollgate::io
