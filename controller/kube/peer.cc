#include "controller/kube/peer.h"

#include <utility>

namespace tollgate::kube {

Peer::Peer(const Credentials& credentials)
    : server_(credentials.server),
      authority_(credentials.authority ? credentials.authority->label() : "the machine's certificate store") {
}

void Peer::NoteUntrusted(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  untrusted_ = reason;
}

Fault Peer::Unanswered(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  if (const std::string untrusted = std::exchange(untrusted_, {}); !untrusted.empty()) {
    return Fault{"The API server at " + server_ + " is not trusted: its certificate does not pass (" +
                 untrusted + "); check that " + authority_ + " is the authority of this cluster."};
  }
  return Fault{"No answer from the API server at " + server_ + ": " + reason + "."};
}

}  // namespace tollgate::kube
