// The controller's parts, wired: watches report into the rebuild loop, which compiles, hands over to the
// push, and last to the status writer. Made and ended on the main thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/base/clock.h"
#include "api/base/result.h"
#include "controller/admin/admin_server.h"
#include "controller/admin/controller_metrics.h"
#include "controller/admin/controller_pages.h"
#include "controller/controller_flags.h"
#include "controller/kube/client.h"
#include "controller/kube/watch.h"
#include "controller/publish/object_source.h"
#include "controller/publish/publication_log.h"
#include "controller/publish/push_secrets.h"
#include "controller/publish/rebuild_loop.h"
#include "controller/publish/snapshot_server.h"
#include "controller/publish/status_writer.h"

namespace tollgate {

class ControlPlane {
 public:
  // Reads its credentials, opens its ports and starts to watch. A Fault says what cannot be used; what may
  // come later (an API server that is away, a right, a CRD) is no fault.
  // `pause` waits for so long, and says false where the process is told to end meanwhile.
  using Pause = std::function<bool(std::chrono::milliseconds)>;
  static Result<std::unique_ptr<ControlPlane>> Start(const ControllerFlags& flags, const WallClock& clock,
                                                     const Pause& pause);
  ~ControlPlane();

  uint16_t push_port() const { return push_->port(); }
  uint16_t metrics_port() const { return admin_->port(); }
  // Renews the push's certificates where they are due. Call every few seconds.
  void RenewIdentity();

 private:
  ControlPlane(const ControllerFlags& flags, const WallClock& clock) : flags_(flags), clock_(clock) {}

  Status<> OpenApi();
  Status<> OpenPush(const Pause& pause);
  Result<TlsIdentity> ReadIdentity();
  void OpenLoop();
  std::vector<std::string> Spaces() const;
  std::vector<std::string> SecretSpaces() const;
  void WatchEverything();
  void WatchProxies(const std::vector<std::string>& spaces);
  // The path of `selection` is made here.
  template <class T>
  void WatchKind(const std::string& kind, const std::string& group_path, const std::string& resource,
                 const std::vector<std::string>& spaces, kube::Collection selection = {});
  Status<> OpenAdmin();
  void ShowWaiting(const std::string& sentence);
  std::string Unready() const;
  void OnCompiled(compile::Compiled compiled, const store::ObjectSet& objects, std::chrono::nanoseconds took);
  void OnProxiesChanged();
  admin::ControllerFigures Figures() const;

  const ControllerFlags flags_;
  const WallClock& clock_;
  std::string own_space_;
  std::optional<publish::SecretOwner> owner_;  // our own account's; nothing: it is no pod's
  std::unique_ptr<kube::ApiClient> api_;
  std::unique_ptr<publish::KubeSecretStore> secret_store_;
  std::unique_ptr<publish::PushSecrets> push_secrets_;
  std::string renewal_trouble_;  // the last one of RenewIdentity, empty where there was none
  std::unique_ptr<publish::KubeStatusClient> status_client_;
  admin::ControllerMetrics metrics_;

  publish::PublicationLog log_;           // the rebuild loop's thread alone
  std::atomic<size_t> stray_secrets_{0};  // compile::Compiled::stray_secrets

  std::atomic<bool> opened_{false};  // all below is there; until then the pages must not look at it

  mutable std::mutex mutex_;
  publish::StatusInput told_;  // guarded by mutex_: what the status writer was told last
  std::string waits_for_;      // guarded by mutex_: why it is not open yet

  // In the order in which they hand on; ended from the last to the first.
  std::unique_ptr<publish::StatusWriter> status_;
  std::unique_ptr<publish::SnapshotServer> push_;
  std::unique_ptr<publish::RebuildLoop> loop_;
  std::vector<std::shared_ptr<kube::WatchObserver>> sources_;
  std::vector<const publish::SourceHealth*> health_;  // of sources_
  std::vector<std::unique_ptr<kube::Watch>> watches_;
  std::unique_ptr<admin::AdminServer> admin_;
};

}  // namespace tollgate
