// tollgate-controller: watches the cluster, compiles what it finds, and brings it to the proxies.

#include <poll.h>

#include <chrono>
#include <csignal>
#include <cstring>

#include "api/base/flags.h"
#include "api/base/log.h"
#include "api/base/port_file.h"
#include "api/base/termination.h"
#include "api/base/version.h"
#include "controller/control_plane.h"
#include "controller/controller_flags.h"

namespace tollgate {
namespace {

constexpr char kProgram[] = "tollgate-controller";
// Certificates are renewed weeks before they expire; but a Secret that somebody deleted is missed by the next
// proxy that starts, and the kubelet tries again within two minutes.
constexpr std::chrono::milliseconds kRenewEvery = std::chrono::seconds(20);

// Takes the signal that has come.
int End(int signals) {
  const int signal = AwaitTermination(signals);
  log::Info("stopping", {{"signal", strsignal(signal)}});
  return signal == SIGINT ? kExitInterrupted : kExitDone;
}

int Run(const ControllerFlags& flags) {
  if (const Status<> checked = flags.Check(); !checked.ok()) {
    return Fail(kProgram, checked.error().message, kExitWrongUse);
  }
  const int signals = CatchTermination();
  const SystemWallClock clock;
  const auto pause = [signals](std::chrono::milliseconds time) {
    pollfd told{signals, POLLIN, 0};
    return ::poll(&told, 1, static_cast<int>(time.count())) <= 0;
  };
  const auto plane = ControlPlane::Start(flags, clock, pause);
  // Told to end while it waited is no failure.
  if (!plane.ok() && !pause(std::chrono::milliseconds(0))) return End(signals);
  if (!plane.ok()) return Fail(kProgram, plane.error().message);
  const Status<> written = WritePortFile(
      flags.port_file, {{"push", (*plane)->push_port()}, {"metrics", (*plane)->metrics_port()}});
  if (!written.ok()) return Fail(kProgram, written.error().message);
  log::Info("watching", {{"installation", flags.installation}});
  while (pause(kRenewEvery)) (*plane)->RenewIdentity();
  return End(signals);
}

}  // namespace
}  // namespace tollgate

int main(int argc, char** argv) {
  tollgate::FlagSet set("tollgate-controller", std::string("Tollgate ") + tollgate::kVersion +
                                                   ": compiles a cluster's routes and plans for its proxies");
  tollgate::ControllerFlags flags;
  flags.AddTo(set);
  return set.Run(argc, argv, [&flags] { return tollgate::Run(flags); });
}
