// One stream to one controller, from the attempt to connect until it ends; whoever wants another opens
// another. The only file of the proxy that includes gRPC is its .cc.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "api/base/tls_identity.h"
#include "api/push_terms.h"
#include "api/snapshot.pb.h"
#include "proxy/snapshot/controller_address.h"

namespace tollgate::snapshot {

class ControllerLink;

// Called on gRPC's threads, one at a time, with no lock held; must not wait.
struct LinkEvents {
  std::function<void()> on_open;  // the controller has a configuration to offer, and waits for a hello
  std::function<void(api::ControllerMessage)> on_message;  // the next one comes after ReadOn
  // The last event: a sentence for people, and the link's own share in itself. It is to be given up on
  // another thread: gRPC cannot take down a connection on one of its own.
  std::function<void(std::string, std::shared_ptr<ControllerLink>)> on_end;
};

class ControllerLink {
 public:
  // Connects, with certificates as they are now. Keeps itself until on_end.
  static std::shared_ptr<ControllerLink> Open(const ControllerAddress& address, const TlsIdentity& identity,
                                              const api::PushKeepAlive& keep_alive, LinkEvents events);
  virtual ~ControllerLink() = default;

  // Once all links are gone: waits until gRPC has taken down what they had, which it does on threads of its
  // own. A process that ended under them could crash on its last step. False: it has taken longer than
  // `limit`.
  static bool AwaitEnd(std::chrono::milliseconds limit);

  // Any thread; none waits, and none does anything once the stream has ended.

  // Reads the next message. Until then the controller is held back by flow control.
  virtual void ReadOn() = 0;
  // Of each kind that waits for its turn only the newest goes out; a hello before the others, then an
  // acknowledgement.
  virtual void Send(const api::ProxyMessage& message) = 0;
  // on_end follows soon, also where the controller does not answer.
  virtual void Cut() = 0;
};

}  // namespace tollgate::snapshot
