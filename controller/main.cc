// tollgate-controller: watches the cluster, compiles what it finds, and brings it to the proxies.

#include <poll.h>

#include <chrono>

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
// Certificates are renewed weeks before they expire: an hour more or less is nothing.
constexpr std::chrono::milliseconds kRenewEvery = std::chrono::hours(1);

int Run(const ControllerFlags& flags) {
  const int signals = CatchTermination();
  const SystemWallClock clock;
  const auto pause = [signals](std::chrono::milliseconds time) {
    pollfd told{signals, POLLIN, 0};
    return ::poll(&told, 1, static_cast<int>(time.count())) <= 0;
  };
  const auto plane = ControlPlane::Start(flags, clock, pause);
  if (!plane.ok()) return Fail(kProgram, plane.error().message);
  const Status<> written = WritePortFile(
      flags.port_file, {{"push", (*plane)->push_port()}, {"metrics", (*plane)->metrics_port()}});
  if (!written.ok()) return Fail(kProgram, written.error().message);
  log::Info("watching", {{"installation", flags.installation}});
  while (pause(kRenewEvery)) (*plane)->RenewIdentity();
  const int signal = AwaitTermination(signals);
  log::Info("stopping", {{"signal", std::to_string(signal)}});
  return kExitDone;
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
