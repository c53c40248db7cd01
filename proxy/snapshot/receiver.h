// Keeps a proxy's configuration up to date: the proxy's end of the push. Connects to every controller there
// is, takes snapshots from one of them, tells all of them what it made of each; connects again for as long as
// it runs. A thread of its own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/base/result.h"
#include "api/push_terms.h"
#include "api/snapshot.pb.h"
#include "proxy/snapshot/assembly.h"
#include "proxy/snapshot/controller_address.h"
#include "proxy/snapshot/tls_files.h"

namespace tollgate::snapshot {

struct ReceiverOptions {
  std::vector<ControllerTarget> controllers;
  TlsFiles tls;  // read for each connection anew
  std::string proxy;
  std::string installation;
  std::string version;  // what is served already, from the disk; empty: nothing
  // Both on the receiver's thread. `apply` serves a snapshot or says why not: its sentence is the refusal
  // that the controllers get. `keep` is called after they have been told that it was taken.
  std::function<Status<>(const api::Snapshot&)> apply;
  std::function<void(std::shared_ptr<const api::Snapshot>)> keep;
  AssemblyBounds bounds;
  api::PushKeepAlive keep_alive;
};

class Receiver {
 public:
  // Starts at once. What is not there yet, such as the certificates that a controller has still to make, is
  // waited for, and is what last_error says.
  explicit Receiver(ReceiverOptions options);
  // Stops.
  ~Receiver();

  // Ends the streams and the thread; waits for an `apply` under way, and for nothing else that takes long.
  // Again is harmless.
  void Stop();

  // Any thread, at any time. What all controllers are told of the stores that this proxy shares with others:
  // each now, and each that is connected to later. Said again, the same costs nothing.
  void ReportStores(const std::vector<api::StoreHealth>& stores);

  // Any thread. Whether there is a controller that snapshots come from, and why not: a sentence, empty while
  // connected.
  bool connected() const;
  std::string last_error() const;

 private:
  class Core;
  const std::unique_ptr<Core> core_;
};

}  // namespace tollgate::snapshot
