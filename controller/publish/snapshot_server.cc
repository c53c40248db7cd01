#include "controller/publish/snapshot_server.h"

#include <utility>

#include "controller/publish/free_address.h"

namespace tollgate::publish {
namespace {

std::string WithPort(const std::string& address, uint16_t port) {
  return address.substr(0, address.rfind(':') + 1) + std::to_string(port);
}

}  // namespace

SnapshotServer::SnapshotServer(const SnapshotServerOptions& options)
    : bell_(options.on_change),
      endpoint_options_{options.address, options.installation, options.identity, options.keep_alive} {}

SnapshotServer::~SnapshotServer() {
  if (retirement_.joinable()) retirement_.join();
}

Result<std::unique_ptr<SnapshotServer>> SnapshotServer::Start(const SnapshotServerOptions& options) {
  if (const Status<> readable = CheckReadable(options.identity); !readable) return readable.error();
  // Not in Renew, where the address is our own.
  if (const Status<> free = CheckAddressIsFree(options.address); !free.ok()) return free.error();
  std::unique_ptr<SnapshotServer> server(new SnapshotServer(options));
  auto endpoint = PushEndpoint::Open(server->endpoint_options_, server->Ledger());
  if (!endpoint) return endpoint.error();
  server->endpoint_ = std::move(*endpoint);
  server->port_ = server->endpoint_->port();
  server->endpoint_options_.address = WithPort(options.address, server->port_);
  return server;
}

Status<> SnapshotServer::Publish(std::shared_ptr<const api::Snapshot> snapshot) {
  const std::scoped_lock lock(mutex_);
  if (newest_ != nullptr && newest_->version() == snapshot->version()) return Done{};
  auto frames = SnapshotFrames::Make(*snapshot);
  if (!frames) return frames.error();
  newest_ = std::move(*frames);
  endpoint_->Offer(newest_);
  return Done{};
}

Status<> SnapshotServer::Renew(const TlsIdentity& identity) {
  if (Status<> readable = CheckReadable(identity); !readable) return readable;
  const std::scoped_lock lock(mutex_);
  if (identity == endpoint_options_.identity) return Done{};
  EndpointOptions renewed = endpoint_options_;
  renewed.identity = identity;
  // Both listen for a moment (SO_REUSEPORT): no proxy finds the door shut.
  auto endpoint = PushEndpoint::Open(renewed, Ledger());
  if (!endpoint) return endpoint.error();
  if (newest_ != nullptr) (*endpoint)->Offer(newest_);
  // Elsewhere: a proxy that has stopped reading would hold up the caller.
  if (retirement_.joinable()) retirement_.join();
  retirement_ =
      std::thread([old = std::exchange(endpoint_, std::move(*endpoint))]() mutable { old.reset(); });
  endpoint_options_ = std::move(renewed);
  return Done{};
}

}  // namespace tollgate::publish
