#include "controller/control_plane.h"

#include <algorithm>

#include "api/base/log.h"

namespace tollgate {
namespace {

constexpr char kTollgateApi[] = "/apis/tollgate.dev/v1alpha1";
constexpr char kCoreApi[] = "/api/v1";
constexpr char kDiscoveryApi[] = "/apis/discovery.k8s.io/v1";
using compile::kEverySpace;

std::string PathOf(const std::string& group_path, const std::string& space, const std::string& resource) {
  if (space == kEverySpace) return group_path + "/" + resource;
  return group_path + "/namespaces/" + space + "/" + resource;
}

// "*" beside others means "*".
std::vector<std::string> SpacesOf(const std::vector<std::string>& named,
                                  const std::vector<std::string>& otherwise) {
  if (std::find(named.begin(), named.end(), kEverySpace) != named.end()) return {kEverySpace};
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
  std::unique_ptr<ControlPlane> plane(new ControlPlane(flags, clock));
  if (const Status<> opened = plane->OpenApi(); !opened.ok()) return opened.error();
  // Before anything is waited for: a controller that waits is alive, and says in /readyz what for.
  if (const Status<> opened = plane->OpenAdmin(); !opened.ok()) return opened.error();
  if (const Status<> opened = plane->OpenPush(pause); !opened.ok()) return opened.error();
  plane->OpenLoop();
  plane->WatchEverything();
  plane->opened_.store(true, std::memory_order_release);
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
  if (credentials->token) {
    const Result<std::string> token = credentials->token->Read();
    if (token.ok()) owner_ = publish::OwnerByToken(*token, own_space_);
  }
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
        *secret_store_, publish::PushSecretsOptions{.installation = flags_.installation,
                                                    .space = own_space_,
                                                    .server_names = names,
                                                    .owner = owner_});
  }
  return push_secrets_->Refresh(clock_.Now());
}

Status<> ControlPlane::OpenPush(const Pause& pause) {
  Result<TlsIdentity> identity = ReadIdentity();
  // An API server that is away, or a right that is still to come: waited for. Files are not.
  while (!identity.ok() && flags_.push_tls_dir.empty()) {
    ShowWaiting("the push waits for its certificates: " + identity.error().message);
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
  log::Info("listening", {{"push", std::to_string(push_->port())}});
  return Done{};
}

// The same trouble again and again is one line in the log.
void ControlPlane::ShowWaiting(const std::string& sentence) {
  const std::scoped_lock lock(mutex_);
  if (std::exchange(waits_for_, sentence) != sentence) log::Warning(sentence);
}

void ControlPlane::RenewIdentity() {
  const Result<TlsIdentity> identity = ReadIdentity();
  const Status<> renewed = identity.ok() ? push_->Renew(*identity) : Status<>(identity.error());
  const std::string trouble = renewed.ok() ? "" : renewed.error().message;
  // The same trouble again and again is one line in the log.
  if (std::exchange(renewal_trouble_, trouble) == trouble || trouble.empty()) return;
  log::Error("the push goes on with the certificates that it has: " + trouble);
}

void ControlPlane::OpenLoop() {
  publish::RebuildOptions options;
  options.compiler.installation = flags_.installation;
  options.compiler.default_installation = flags_.default_installation;
  options.compiler.open_hosts = flags_.open_hosts();
  options.compiler.proxy_service = flags_.proxies();
  if (SecretSpaces() != std::vector<std::string>{kEverySpace}) {
    options.compiler.secret_namespaces = SecretSpaces();
  }
  options.quiet_period = flags_.quiet_period;
  options.quiet_cap = flags_.quiet_cap;
  options.refusal_patience = flags_.refusal_patience;
  options.clock = &clock_;
  options.on_compiled = [this](compile::Compiled compiled, const store::ObjectSet& objects,
                               std::chrono::nanoseconds took) {
    OnCompiled(std::move(compiled), objects, took);
  };
  loop_ = std::make_unique<publish::RebuildLoop>(std::move(options));
}

template <class T>
void ControlPlane::WatchKind(const std::string& kind, const std::string& group_path,
                             const std::string& resource, const std::vector<std::string>& spaces,
                             kube::Collection selection) {
  for (const std::string& space : spaces) {
    auto source = std::make_shared<publish::ObjectSource<T>>(*loop_, kind, space, clock_);
    health_.push_back(&source->health());
    sources_.push_back(source);
    selection.path = PathOf(group_path, space, resource);
    watches_.push_back(std::make_unique<kube::Watch>(*api_, selection, *source));
  }
}

std::vector<std::string> ControlPlane::Spaces() const { return SpacesOf(flags_.namespaces, {own_space_}); }

std::vector<std::string> ControlPlane::SecretSpaces() const {
  return SpacesOf(flags_.secret_namespaces, Spaces());
}

void ControlPlane::WatchEverything() {
  const std::vector<std::string> spaces = Spaces();
  WatchKind<resource::GatewayRoute>("GatewayRoute", kTollgateApi, "gatewayroutes", spaces);
  WatchKind<resource::ApiPlan>("ApiPlan", kTollgateApi, "apiplans", spaces);
  const auto of_type = [](const std::string& type) {
    return kube::Collection{.path = {}, .label_selector = {}, .field_selector = "type=" + type};
  };
  WatchKind<resource::ConsumerSecret>("Secret", kCoreApi, "secrets", SecretSpaces(),
                                      of_type(resource::kApiKeySecretType));
  WatchKind<resource::OpaqueSecret>("Secret", kCoreApi, "secrets", SecretSpaces(),
                                    of_type(resource::kOpaqueSecretType));
  WatchKind<resource::TlsSecret>("Secret", kCoreApi, "secrets", SecretSpaces(),
                                 of_type(resource::kTlsSecretType));
  WatchKind<resource::ConfigMap>("ConfigMap", kCoreApi, "configmaps", spaces);
  WatchKind<resource::Service>("Service", kCoreApi, "services", spaces);
  WatchKind<resource::EndpointSlice>("EndpointSlice", kDiscoveryApi, "endpointslices", spaces);
  WatchProxies(spaces);
  // Every source is known to the loop: from now on it may find that all have synced.
  loop_->Start();
}

// The proxies may run where no route is: of that namespace, theirs are the only endpoints of interest.
void ControlPlane::WatchProxies(const std::vector<std::string>& spaces) {
  const std::optional<resource::ObjectName> service = flags_.proxies();
  if (!service) return;
  const bool is_watched = std::any_of(spaces.begin(), spaces.end(), [&](const std::string& space) {
    return space == kEverySpace || space == service->space;
  });
  if (is_watched) return;
  WatchKind<resource::EndpointSlice>(
      "EndpointSlice", kDiscoveryApi, "endpointslices", {service->space},
      {.path = {},
       .label_selector = std::string(resource::kServiceNameLabel) + "=" + service->name,
       .field_selector = {}});
}

void ControlPlane::OnCompiled(compile::Compiled compiled, const store::ObjectSet& objects,
                              std::chrono::nanoseconds took) {
  metrics_.ObserveCompile(took);
  auto snapshot = std::make_shared<const api::Snapshot>(std::move(compiled.snapshot));
  const Status<> published = push_->Publish(snapshot);
  log_.NotePublished(*snapshot, published);
  log_.NoteStraySecrets(compiled.stray_secrets);
  stray_secrets_ = compiled.stray_secrets.size();
  publish::StatusInput input;
  input.verdicts = std::make_shared<const std::vector<compile::ObjectVerdict>>(std::move(compiled.verdicts));
  input.uids = std::make_shared<const publish::UidTable>(publish::UidsOf(objects));
  input.version = snapshot->version();
  input.publish_fault = published.ok() ? std::string() : published.error().message;
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
  sources.unready = [this] { return Unready(); };
  sources.figures = [this] { return Figures(); };
  auto server = admin::AdminServer::Start(flags_.metrics_address, admin::ControllerPages(sources, metrics_));
  if (!server.ok()) return server.error();
  admin_ = std::move(*server);
  log::Info("listening", {{"metrics", std::to_string(admin_->port())}});
  return Done{};
}

std::string ControlPlane::Unready() const {
  if (opened_.load(std::memory_order_acquire)) {
    return loop_->ready() ? "" : publish::WhatHoldsUp(health_);
  }
  const std::scoped_lock lock(mutex_);
  return waits_for_.empty() ? "it is starting" : waits_for_;
}

admin::ControllerFigures ControlPlane::Figures() const {
  admin::ControllerFigures figures;
  if (!opened_.load(std::memory_order_acquire)) return figures;
  // Sources are all there once the loop is ready; before, they are still being added.
  if (loop_->ready()) {
    for (const publish::SourceHealth* source : health_) {
      if (source->last_heard() == 0) continue;
      const double age = static_cast<double>(clock_.Now() - source->last_heard()) / 1e6;
      double& oldest = figures.watch_age_seconds[source->kind()];
      oldest = std::max(oldest, age);
      figures.relists += source->lists();
    }
  }
  figures.objects = status_->Counts();
  figures.proxies = push_->Proxies();
  figures.push_bytes = push_->sent_bytes();
  figures.stray_secrets = stray_secrets_;
  const std::scoped_lock lock(mutex_);
  figures.version = told_.version;
  return figures;
}

}  // namespace tollgate
