#include "controller/kube/peer.h"

#include <utility>

namespace tollgate::kube {

namespace {

std::string Remedy(const Credentials& credentials) {
  if (!credentials.authority) {
    return "the machine's certificate store was asked; give the cluster's own as certificate-authority in " +
           credentials.source;
  }
  return "check that " + credentials.authority->label() +
         " is the authority of this cluster, and put the right one there";
}

}  // namespace

Peer::Peer(const Credentials& credentials) : server_(credentials.server), remedy_(Remedy(credentials)) {}

void Peer::NoteUntrusted(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  untrusted_ = reason;
}

Fault Peer::Unanswered(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  if (const std::string untrusted = std::exchange(untrusted_, {}); !untrusted.empty()) {
    return Fault{"The API server at " + server_ + " is not trusted: its certificate does not pass (" +
                 untrusted + "); " + remedy_ + "."};
  }
  return Fault{"No answer from the API server at " + server_ + ": " + reason + "."};
}

}  // namespace tollgate::kube
