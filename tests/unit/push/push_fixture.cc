#include "tests/unit/push/push_fixture.h"

#include <utility>

namespace tollgate::push {
namespace {

WallMicros Now() { return SystemWallClock().Now(); }

// What has to work for the test to mean anything.
template <class T>
T Must(Result<T> result) {
  if (!result.ok()) {
    ADD_FAILURE() << result.error().message;
    std::abort();
  }
  return *std::move(result);
}

}  // namespace

PushTest::PushTest() : files_(WriteFiles("proxy", ClientIdentity(authority_))) {}

publish::PemPair PushTest::NewAuthority() { return Must(publish::MakeAuthority(kInstallation, Now())); }

TlsIdentity PushTest::ServerIdentity(const publish::PemPair& authority,
                                     std::vector<std::string> names) const {
  const publish::PemPair pair = Must(publish::IssueServerCertificate(authority, names, Now()));
  return {pair.certificate, pair.key, authority.certificate};
}

TlsIdentity PushTest::ClientIdentity(const publish::PemPair& authority) const {
  const publish::PemPair pair = Must(publish::IssueClientCertificate(authority, "shop-proxy", Now()));
  return {pair.certificate, pair.key, authority.certificate};
}

snapshot::TlsFiles PushTest::WriteFiles(const std::string& prefix, const TlsIdentity& identity) const {
  folder_.Write(prefix + ".crt", identity.certificate);
  folder_.Write(prefix + ".key", identity.key);
  folder_.Write(prefix + "-ca.crt", identity.authorities);
  return {folder_ / (prefix + ".crt"), folder_ / (prefix + ".key"), folder_ / (prefix + "-ca.crt")};
}

publish::SnapshotServerOptions PushTest::ServerOptions() const {
  publish::SnapshotServerOptions options;
  options.address = "127.0.0.1:0";
  options.installation = kInstallation;
  options.identity = ServerIdentity(authority_);
  return options;
}

std::unique_ptr<publish::SnapshotServer> PushTest::StartServer(
    const publish::SnapshotServerOptions& options) {
  return Must(publish::SnapshotServer::Start(options));
}

snapshot::ControllerTarget PushTest::Target(const std::string& text) {
  return Must(snapshot::ControllerTarget::Parse(text));
}

snapshot::ReceiverOptions PushTest::ProxyOptions(const std::string& name,
                                                 const std::vector<uint16_t>& ports) const {
  snapshot::ReceiverOptions options;
  for (const uint16_t port : ports) {
    options.controllers.push_back(Target("127.0.0.1:" + std::to_string(port)));
  }
  options.tls = files_;
  options.proxy = name;
  options.installation = kInstallation;
  return options;
}

publish::ProxyState PushTest::StateOf(const publish::SnapshotServer& server, const std::string& proxy) {
  for (const publish::ProxyState& state : server.Proxies()) {
    if (state.proxy == proxy) return state;
  }
  return {};
}

bool PushTest::Serves(const publish::SnapshotServer& server, const std::string& proxy,
                      const std::string& version) {
  const publish::ProxyState state = StateOf(server, proxy);
  return state.version == version && state.acknowledged == version && state.refusal.empty() &&
         state.connected;
}

}  // namespace tollgate::push
