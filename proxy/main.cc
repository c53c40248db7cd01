// tollgate-proxy: the data plane of a cluster. Serves what it has on its disk, follows the controllers,
// drains when it is told to end.

#include <csignal>
#include <cstring>
#include <optional>
#include <utility>

#include "api/base/log.h"
#include "api/base/port_file.h"
#include "api/base/termination.h"
#include "api/base/version.h"
#include "proxy/admin/gateway_pages.h"
#include "proxy/admin/operator_port.h"
#include "proxy/net/drain.h"
#include "proxy/proxy_flags.h"
#include "proxy/snapshot/controller_link.h"
#include "proxy/snapshot/journal_writer.h"
#include "proxy/store_report.h"
#include "proxy/takeover/takeover.h"

namespace tollgate {
namespace {

constexpr char kProgram[] = "tollgate-proxy";

// Taking down what gRPC had takes milliseconds; this is for a machine that is very busy.
constexpr std::chrono::seconds kLinksEndLimit{2};

// Serves what was served before the restart: the version of it, or nothing.
std::string ServeJournal(const snapshot::Journal& journal, const std::string& installation,
                         net::Gateway& gateway) {
  const auto loaded = journal.Load();
  if (!loaded) log::Error(loaded.error().message);
  if (!loaded || !*loaded) return {};
  const api::Snapshot& snapshot = **loaded;
  if (snapshot.installation() != installation) {
    log::Warning("the state file \"" + journal.path() + "\" is not served: it is of installation \"" +
                 snapshot.installation() + "\", this proxy is of \"" + installation +
                 "\"; give each its own --state-dir, a controller's configuration takes its place");
    return {};
  }
  if (const Status<> applied = gateway.Apply(snapshot); !applied) {
    log::Error("the state file \"" + journal.path() +
               "\" is not served, a controller's configuration takes " +
               "its place: " + applied.error().message);
    return {};
  }
  log::Info("serving the configuration on disk");
  return snapshot.version();
}

// A process that has nothing to serve yet leaves callers to the one before it, as long as that one serves.
// False: it is told to end.
bool AwaitConfiguration(const net::Gateway& gateway, int signals, const takeover::Takeover& takeover) {
  constexpr std::chrono::milliseconds kLook{10};
  if (!gateway.ready()) log::Info("waiting for a configuration before taking over");
  while (!gateway.ready() && !takeover.predecessor_gone()) {
    if (TerminationWithin(signals, kLook)) return false;
  }
  return true;
}

// Where those ask who run the proxy: for its metrics, and for all else.
struct Ports {
  admin::AdminServer& metrics;
  admin::OperatorPort& operators;

  void Start() {
    metrics.Start();
    operators.Start();
  }
  void StopAccepting() {
    metrics.StopAccepting();
    operators.StopAccepting();
  }
};

std::vector<takeover::Listener> Listeners(const net::Gateway& gateway, const Ports& ports) {
  std::vector<takeover::Listener> listeners = admin::Listeners(gateway, ports.metrics);
  ports.operators.AppendTo(listeners);
  return listeners;
}

Status<> SayWhere(const ProxyFlags& flags, const net::Gateway& gateway, const Ports& ports) {
  log::Info("listening", {{"http", gateway.http_address().ToString()},
                          {"https", gateway.https_text()},
                          {"metrics", ports.metrics.local().ToString()},
                          {"admin", ports.operators.text()},
                          {"proxy", flags.proxy_name}});
  std::vector<std::pair<std::string, uint16_t>> numbers = gateway.ports();
  numbers.emplace_back("metrics", ports.metrics.local().port());
  ports.operators.AppendTo(numbers);
  return WritePortFile(flags.port_file, numbers);
}

// Until a signal arrives, or another process has taken over: what this one ends with.
int AwaitEnd(int signals, takeover::Takeover& takeover) {
  AwaitReadable(takeover.WakeOn(signals));
  if (takeover.End()) return kExitDone;
  const int signal = AwaitTermination(signals);
  log::Info("draining", {{"signal", strsignal(signal)}});
  return signal == SIGINT ? kExitInterrupted : kExitDone;
}

// Serves callers, from the process before on where there is one, to the end of the drain.
int ServeCallers(const ProxyFlags& flags, net::Gateway& gateway, Ports ports, int signals,
                 takeover::Takeover& takeover) {
  gateway.Prepare();
  if (takeover.has_predecessor() && !AwaitConfiguration(gateway, signals, takeover)) return kExitDone;
  takeover.SayReady();
  gateway.Start();
  ports.Start();
  takeover.Offer(Listeners(gateway, ports));
  if (const Status<> said = SayWhere(flags, gateway, ports); !said) {
    return Fail(kProgram, said.error().message);
  }
  const int code = AwaitEnd(signals, takeover);
  if (takeover.handed_over()) ports.StopAccepting();
  net::Drain(gateway, net::ToTerms(flags.drain_grace, flags.drain_timeout, signals, takeover.handed_over()));
  return code;
}

int Serve(const ProxyFlags& flags, ProxyOptions options, std::optional<snapshot::Journal> journal,
          int signals) {
  auto takeover = takeover::Takeover::Begin(flags.takeover_socket);
  if (!takeover) return Fail(kProgram, takeover.error().message);
  const SystemWallClock clock;
  const auto gateway = net::Gateway::Open(options.gateway, clock, takeover->inheritance());
  if (!gateway) return Fail(kProgram, gateway.error().message);
  const auto metrics =
      admin::AdminServer::Open(options.metrics_address, admin::GatewayPages(**gateway),
                               takeover->inheritance().Take(takeover::kMetrics, options.metrics_address));
  if (!metrics) return Fail(kProgram, metrics.error().message);
  auto operators = admin::OperatorPort::Open(options.operators, **gateway, takeover->inheritance(),
                                             takeover->has_predecessor());
  if (!operators) return Fail(kProgram, operators.error().message);
  std::optional<snapshot::JournalWriter> writer;
  if (journal) {
    options.receiver.version = ServeJournal(*journal, flags.installation, **gateway);
    writer.emplace(*std::move(journal));
    // Once another process has taken over, the file is that one's.
    options.receiver.keep = [&writer, &takeover](auto snapshot) {
      if (!takeover->handed_over()) writer->Keep(std::move(snapshot));
    };
  }
  options.receiver.apply = [&gateway](const api::Snapshot& snapshot) { return (*gateway)->Apply(snapshot); };
  // Follows the controllers until the end: what drains still needs to know where its upstreams are.
  snapshot::Receiver receiver(std::move(options.receiver));
  const StoreReport report(**gateway, receiver);
  return ServeCallers(flags, **gateway, {**metrics, *operators}, signals, *takeover);
}

int Run(const ProxyFlags& flags) {
  Result<ProxyOptions> options = ReadFlags(flags);
  if (!options) return Fail(kProgram, options.error().message, kExitWrongUse);
  const int signals = CatchTermination();
  std::optional<snapshot::Journal> journal;
  if (!flags.state_dir.empty()) {
    auto opened = snapshot::Journal::Open(flags.state_dir);
    if (!opened) return Fail(kProgram, opened.error().message);
    journal = *std::move(opened);
  }
  const int code = Serve(flags, *std::move(options), std::move(journal), signals);
  const bool ended = snapshot::ControllerLink::AwaitEnd(kLinksEndLimit);
  if (!ended)
    log::Warning("the connections to the controllers were still being taken down when the process ended");
  return code;
}

}  // namespace
}  // namespace tollgate

int main(int argc, char** argv) {
  tollgate::FlagSet set("tollgate-proxy", std::string("Tollgate ") + tollgate::kVersion +
                                              ": the data plane, configured by tollgate-controller");
  tollgate::ProxyFlags flags;
  flags.AddTo(set);
  return set.Run(argc, argv, [&flags] { return tollgate::Run(flags); });
}
