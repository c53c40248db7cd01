// What a proxy says to controllers and makes of what they say, without the streams themselves: its hello, the
// snapshot it is receiving, its verdict. One thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "api/snapshot.pb.h"
#include "proxy/snapshot/assembly.h"

namespace tollgate::snapshot {

struct SubscriptionOptions {
  std::string proxy;         // its name
  std::string installation;  // whose snapshots it takes
  std::string version;       // what it serves already; empty: nothing
  // Serves a snapshot from now on, or says why not.
  std::function<Status<>(const api::Snapshot&)> apply;
  AssemblyBounds bounds;
};

// What came of a whole snapshot.
struct Verdict {
  api::ProxyMessage acknowledgement;              // for every controller
  std::shared_ptr<const api::Snapshot> accepted;  // nullptr: refused
};

class Subscription {
 public:
  explicit Subscription(SubscriptionOptions options);

  // To a controller that has opened a stream, or from which snapshots are wanted from now on.
  api::ProxyMessage Hello(bool wants_snapshots) const;
  // The last verdict, for a controller that was not there to hear it: a refusal, or nothing, since what was
  // accepted is in the hello.
  const std::optional<api::ProxyMessage>& refusal() const { return refusal_; }

  // A message of the controller that snapshots are taken from; a verdict where it completes one.
  std::optional<Verdict> Hear(api::ControllerMessage message);
  // Its stream ended: what was there of a snapshot is dropped.
  void BreakOff() { assembly_.Drop(); }

 private:
  Verdict Judge(Result<api::Snapshot> whole);

  const SubscriptionOptions options_;
  SnapshotAssembly assembly_;
  std::string serving_;
  std::optional<api::ProxyMessage> refusal_;
};

}  // namespace tollgate::snapshot
