// Brings every configuration to every proxy, and knows what each has answered: the controller's end of the
// push. Any thread; on_change is called on a thread of its own, never with a lock held.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "api/base/result.h"
#include "api/base/tls_identity.h"
#include "api/push_terms.h"
#include "api/snapshot.pb.h"
#include "controller/publish/change_bell.h"
#include "controller/publish/proxy_book.h"
#include "controller/publish/push_endpoint.h"
#include "controller/publish/snapshot_frames.h"

namespace tollgate::publish {

struct SnapshotServerOptions {
  std::string address = "[::]:9443";  // "HOST:PORT"; port 0 picks a free one
  std::string installation;
  TlsIdentity identity;
  // Proxies() may say something else now. Several changes may be one call. Must not destroy the server.
  std::function<void()> on_change;
  api::PushKeepAlive keep_alive;
};

class SnapshotServer {
 public:
  // Listens at once; proxies wait until the first Publish. The sentence names the address or the certificate.
  static Result<std::unique_ptr<SnapshotServer>> Start(const SnapshotServerOptions& options);
  // Ends every stream; on_change is not called any more once this returns. At once, but for a proxy that has
  // stopped reading in the middle of a snapshot: that one is waited for until its keep-alive has run out.
  ~SnapshotServer();

  // Every proxy gets this one, or a newer one. Serializes, then returns: a slow proxy holds up nobody, and
  // skips what it was too slow for. Refused, with nothing changed: a snapshot that cannot be sent.
  Status<> Publish(std::shared_ptr<const api::Snapshot> snapshot);

  // Shows this certificate and trusts these authorities from now on. Where that is a change, all proxies have
  // to connect again, so that none stays that would not be let in; they lose nothing by it. Refused, with
  // nothing changed: texts that cannot be read.
  Status<> Renew(const TlsIdentity& identity);

  // Sorted by name; those that left are reported for ProxyBook::kForgetAfter.
  std::vector<ProxyState> Proxies() const { return book_.Proxies(SteadyNow()); }
  uint16_t port() const { return port_; }
  // Of snapshots, to all proxies, since the start.
  uint64_t sent_bytes() const { return sent_bytes_.load(std::memory_order_relaxed); }

 private:
  explicit SnapshotServer(const SnapshotServerOptions& options);
  PushLedger Ledger() { return {book_, bell_, streams_, sent_bytes_}; }

  ProxyBook book_;
  ChangeBell bell_;
  std::atomic<ProxyBook::StreamId> streams_{0};
  std::atomic<uint64_t> sent_bytes_{0};
  uint16_t port_ = 0;

  std::mutex mutex_;                              // held while publishing and renewing
  EndpointOptions endpoint_options_;              // guarded by mutex_
  std::shared_ptr<const SnapshotFrames> newest_;  // guarded by mutex_
  std::unique_ptr<PushEndpoint> endpoint_;        // guarded by mutex_; its streams use all above
  std::thread retirement_;                        // guarded by mutex_; ends the endpoint before
};

}  // namespace tollgate::publish
