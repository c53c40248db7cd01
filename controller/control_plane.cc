#include "controller/control_plane.h"

#include <algorithm>

#include "api/base/digest.h"
#include "api/base/log.h"

namespace tollgate {
namespace {

constexpr char kTollgateApi[] = "/apis/tollgate.dev/v1alpha1";
constexpr char kCoreApi[] = "/api/v1";
constexpr char kDiscoveryApi[] = "/apis/discovery.k8s.io/v1";
constexpr char kAllSpaces[] = "*";

std::string PathOf(const std::string& group_path, const std::string& space, const std::string& resource) {
  if (space == kAllSpaces) return group_path + "/" + resource;
  return group_path + "/namespaces/" + space + "/" + resource;
}

// "*" beside others means "*".
std::vector<std::string> SpacesOf(const std::vector<std::string>& named,
                                  const std::vector<std::string>& otherwise) {
  if (std::find(named.begin(), named.end(), kAllSpaces) != named.end()) return {kAllSpaces};
  return named.empty() ? otherwise : named;
}

// What the headless Service of the chart is called by, and the machine itself.
std::vector<std::string> ServiceNames(const std::string& installation, const std::string& space) {
  const std::string service = installation + "-controller";
  return {service, service + "." + space, service + "." + space + ".svc",
          service + "." + space + ".svc.cluster.local", "localhost"};
}

}  // namespace

Result<std::unique_ptr<ControlPlane>> ControlPlane::Start(const ControllerFlags& flags,
                                                          const WallClock& clock, const Pause& pause) {
  if (flags.host_policy != "Owned" && flags.host_policy != "Open") {
    return Fault{"--host-policy \"" + flags.host_policy + "\" is unknown; write Owned or Open"};
  }
  std::unique_ptr<ControlPlane> plane(new ControlPlane(flags, clock));
  if (const Status<> opened = plane->OpenApi(); !opened.ok()) return opened.error();
  if (const Status<> opened = plane->OpenPush(pause); !opened.ok()) return opened.error();
  plane->OpenLoop();
  if (const Status<> opened = plane->OpenAdmin(); !opened.ok()) return opened.error();
  plane->WatchEverything();
  return plane;
}

ControlPlane::~ControlPlane() {
  // Those that call stop before those that are called.
  admin_.reset();
  watches_.clear();
  loop_.reset();
  {
    // Ending the streams is a change of the proxies, too: of nobody's interest any more.
    const std::scoped_lock lock(mutex_);
    told_ = {};
  }
  push_.reset();
  status_.reset();
}

Status<> ControlPlane::OpenApi() {
  auto credentials = flags_.kubeconfig.empty() ? kube::LoadPodAccount(kube::OwnPodAccount())
                                               : kube::LoadKubeconfig(flags_.kubeconfig);
  if (!credentials.ok()) return credentials.error();
  own_space_ = credentials->space;
  auto api = kube::ApiClient::Open(std::move(*credentials));
  if (!api.ok()) return api.error();
  api_ = std::move(*api);
  status_client_ = std::make_unique<publish::KubeStatusClient>(*api_);
  publish::StatusWriterOptions options;
  options.installation = flags_.installation;
  status_ = std::make_unique<publish::StatusWriter>(*status_client_, clock_, options);
  return Done{};
}

Result<TlsIdentity> ControlPlane::ReadIdentity() {
  if (!flags_.push_tls_dir.empty()) return publish::ReadPushFolder(flags_.push_tls_dir, clock_.Now());
  if (push_secrets_ == nullptr) {
    secret_store_ = std::make_unique<publish::KubeSecretStore>(*api_, own_space_);
    const std::vector<std::string> names =
        flags_.push_names.empty() ? ServiceNames(flags_.installation, own_space_) : flags_.push_names;
    push_secrets_ = std::make_unique<publish::PushSecrets>(
        *secret_store_, publish::PushSecretsOptions{
                            .installation = flags_.installation, .space = own_space_, .server_names = names});
  }
  return push_secrets_->Refresh(clock_.Now());
}

Status<> ControlPlane::OpenPush(const Pause& pause) {
  Result<TlsIdentity> identity = ReadIdentity();
  // An API server that is away, or a right that is still to come: waited for. Files are not.
  while (!identity.ok() && flags_.push_tls_dir.empty()) {
    log::Warning("the push waits for its certificates: " + identity.error().message);
    if (!pause(std::chrono::seconds(2))) break;
    identity = ReadIdentity();
  }
  if (!identity.ok()) return identity.error();
  publish::SnapshotServerOptions options;
  options.address = flags_.push_address.starts_with(':') ? "[::]" + flags_.push_address : flags_.push_address;
  options.installation = flags_.installation;
  options.identity = std::move(*identity);
  options.on_change = [this] { OnProxiesChanged(); };
  auto push = publish::SnapshotServer::Start(options);
  if (!push.ok()) return push.error();
  push_ = std::move(*push);
  return Done{};
}

void ControlPlane::RenewIdentity() {
  const Result<TlsIdentity> identity = ReadIdentity();
  const Status<> renewed = identity.ok() ? push_->Renew(*identity) : Status<>(identity.error());
  if (!renewed.ok()) {
    log::Error("the push goes on with the certificates that it has: " + renewed.error().message);
  }
}

void ControlPlane::OpenLoop() {
  publish::RebuildOptions options;
  options.compiler.installation = flags_.installation;
  options.compiler.default_installation = flags_.default_installation;
  options.compiler.open_hosts = flags_.host_policy == "Open";
  options.quiet_period = flags_.quiet_period;
  options.quiet_cap = flags_.quiet_cap;
  options.refusal_patience = flags_.refusal_patience;
  options.on_compiled = [this](compile::Compiled compiled, const store::ObjectSet& objects,
                               std::chrono::nanoseconds took) {
    OnCompiled(std::move(compiled), objects, took);
  };
  loop_ = std::make_unique<publish::RebuildLoop>(std::move(options));
}

template <class T>
void ControlPlane::WatchKind(const std::string& kind, const std::string& group_path,
                             const std::string& resource, const std::vector<std::string>& spaces,
                             const std::string& field_selector) {
  for (const std::string& space : spaces) {
    auto source = std::make_shared<publish::ObjectSource<T>>(*loop_, kind, space, clock_);
    health_.push_back(&source->health());
    sources_.push_back(source);
    kube::Collection collection;
    collection.path = PathOf(group_path, space, resource);
    collection.field_selector = field_selector;
    watches_.push_back(std::make_unique<kube::Watch>(*api_, collection, *source));
  }
}

void ControlPlane::WatchEverything() {
  const std::vector<std::string> spaces = SpacesOf(flags_.namespaces, {own_space_});
  const std::vector<std::string> secret_spaces = SpacesOf(flags_.secret_namespaces, spaces);
  WatchKind<resource::GatewayRoute>("GatewayRoute", kTollgateApi, "gatewayroutes", spaces);
  WatchKind<resource::ApiPlan>("ApiPlan", kTollgateApi, "apiplans", spaces);
  WatchKind<resource::ConsumerSecret>("Secret", kCoreApi, "secrets", secret_spaces,
                                      std::string("type=") + resource::kApiKeySecretType);
  WatchKind<resource::Service>("Service", kCoreApi, "services", spaces);
  WatchKind<resource::EndpointSlice>("EndpointSlice", kDiscoveryApi, "endpointslices", spaces);
  // Every source is known to the loop: from now on it may find that all have synced.
  loop_->Start();
}

void ControlPlane::OnCompiled(compile::Compiled compiled, const store::ObjectSet& objects,
                              std::chrono::nanoseconds took) {
  metrics_.ObserveCompile(took);
  auto snapshot = std::make_shared<const api::Snapshot>(std::move(compiled.snapshot));
  const Status<> published = push_->Publish(snapshot);
  if (!published.ok()) log::Error("the configuration cannot be published: " + published.error().message);
  publish::StatusInput input;
  input.verdicts = std::make_shared<const std::vector<compile::ObjectVerdict>>(std::move(compiled.verdicts));
  input.uids = std::make_shared<const publish::UidTable>(publish::UidsOf(objects));
  input.version = snapshot->version();
  input.publish_fault = published.ok() ? std::string() : published.error().message;
  log::Info("published", {{"snapshot", ToHex(input.version).substr(0, 12)},
                          {"resources", std::to_string(snapshot->resources_size())}});
  const std::scoped_lock lock(mutex_);
  input.proxies = push_->Proxies();
  told_ = input;
  status_->Update(std::move(input));
}

void ControlPlane::OnProxiesChanged() {
  const std::scoped_lock lock(mutex_);
  // The first proxies may come before the first configuration, and before Start() has returned.
  if (told_.verdicts == nullptr) return;
  told_.proxies = push_->Proxies();
  status_->Update(told_);
}

Status<> ControlPlane::OpenAdmin() {
  admin::ControllerSources sources;
  sources.unready = [this] {
    return loop_->ready() ? std::string() : std::string("not all that is watched has been listed yet");
  };
  sources.figures = [this] { return Figures(); };
  auto server = admin::AdminServer::Start(flags_.metrics_address, admin::ControllerPages(sources, metrics_));
  if (!server.ok()) return server.error();
  admin_ = std::move(*server);
  return Done{};
}

admin::ControllerFigures ControlPlane::Figures() const {
  admin::ControllerFigures figures;
  // Sources are all there once the loop is ready; before, they are still being added.
  if (loop_->ready()) {
    for (const publish::SourceHealth* source : health_) {
      const double age = static_cast<double>(clock_.Now() - source->last_event) / 1e6;
      double& oldest = figures.watch_age_seconds[source->kind];
      oldest = std::max(oldest, age);
      figures.relists += source->relists;
    }
  }
  figures.objects = status_->Counts();
  figures.proxies = push_->Proxies();
  figures.push_bytes = push_->sent_bytes();
  const std::scoped_lock lock(mutex_);
  figures.version = told_.version;
  return figures;
}

}  // namespace tollgate
