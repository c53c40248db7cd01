// The API server as errors speak of it: turns what went wrong below into one sentence with its address and
// the remedy. Shared by all connections to it. Any thread.
#pragma once

#include <mutex>
#include <string>

#include "api/base/result.h"
#include "controller/kube/credentials.h"

namespace tollgate::kube {

class Peer {
 public:
  explicit Peer(const Credentials& credentials);

  const std::string& server() const { return server_; }

  // A handshake found the certificate wanting; the library above reports only that "a handshake failed".
  void NoteUntrusted(const std::string& reason);

  // No usable answer came, since `reason` (without a full stop).
  Fault Unanswered(const std::string& reason);

 private:
  const std::string server_;
  const std::string remedy_;  // where its certificate does not pass
  std::mutex mutex_;
  std::string untrusted_;  // guarded by mutex_
};

}  // namespace tollgate::kube
