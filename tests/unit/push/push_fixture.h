// Controllers and proxies of one installation in this process, over loopback and mutual TLS, with
// certificates made as the controller makes them.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "controller/publish/push_credentials.h"
#include "controller/publish/snapshot_server.h"
#include "tests/kit/eventually.h"
#include "tests/kit/temp_folder.h"
#include "tests/unit/push/snapshots.h"
#include "tests/unit/push/test_proxy.h"

namespace tollgate::push {

using kit::Eventually;

class PushTest : public ::testing::Test {
 protected:
  PushTest();

  // Certificates of the fixture's authority, or of another one.
  static publish::PemPair NewAuthority();
  TlsIdentity ServerIdentity(const publish::PemPair& authority,
                             std::vector<std::string> names = {"localhost", "127.0.0.1", "::1"}) const;
  TlsIdentity ClientIdentity(const publish::PemPair& authority) const;
  // As the three files that a proxy reads.
  snapshot::TlsFiles WriteFiles(const std::string& prefix, const TlsIdentity& identity) const;

  publish::SnapshotServerOptions ServerOptions() const;
  std::unique_ptr<publish::SnapshotServer> StartServer() const { return StartServer(ServerOptions()); }
  static std::unique_ptr<publish::SnapshotServer> StartServer(const publish::SnapshotServerOptions& options);

  // Follows the controllers at these ports of 127.0.0.1.
  snapshot::ReceiverOptions ProxyOptions(const std::string& name, const std::vector<uint16_t>& ports) const;
  std::unique_ptr<TestProxy> StartProxy(const std::string& name, const std::vector<uint16_t>& ports) const {
    return std::make_unique<TestProxy>(ProxyOptions(name, ports));
  }
  static snapshot::ControllerTarget Target(const std::string& text);

  static publish::ProxyState StateOf(const publish::SnapshotServer& server, const std::string& proxy);
  static bool Serves(const publish::SnapshotServer& server, const std::string& proxy,
                     const std::string& version);

  const publish::PemPair authority_ = NewAuthority();
  const kit::TempFolder folder_;
  snapshot::TlsFiles files_;
};

// For what a test prints.
inline double MillisecondsSince(SteadyTime begin) {
  return std::chrono::duration<double, std::milli>(SteadyNow() - begin).count();
}

}  // namespace tollgate::push
