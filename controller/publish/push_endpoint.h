// The listening side of the push: accepts proxies over mutual TLS and holds their streams. The only file of
// the controller that includes gRPC is its .cc. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "api/base/result.h"
#include "api/base/tls_identity.h"
#include "api/push_terms.h"
#include "controller/publish/change_bell.h"
#include "controller/publish/proxy_book.h"
#include "controller/publish/snapshot_frames.h"

namespace tollgate::publish {

// What outlives an endpoint: a renewed one goes on with the same.
struct PushLedger {
  ProxyBook& book;
  ChangeBell& bell;                           // rung when the book has changed
  std::atomic<ProxyBook::StreamId>& streams;  // how many there were: the next one's number
  std::atomic<uint64_t>& sent_bytes;
};

struct EndpointOptions {
  std::string address;  // "HOST:PORT" or "[V6]:PORT"; port 0 picks a free one
  std::string installation;
  TlsIdentity identity;
  api::PushKeepAlive keep_alive;
};

class PushEndpoint {
 public:
  static Result<std::unique_ptr<PushEndpoint>> Open(const EndpointOptions& options, const PushLedger& ledger);
  // Ends every stream with the sentence of End(), or with one of its own; waits for them, for a second or
  // two.
  ~PushEndpoint();

  uint16_t port() const;
  // To every stream, now and later. Waits for no proxy.
  void Offer(std::shared_ptr<const SnapshotFrames> snapshot);

 private:
  struct State;
  explicit PushEndpoint(std::unique_ptr<State> state);
  const std::unique_ptr<State> state_;
};

}  // namespace tollgate::publish
