#include "cli/run_command.h"

#include <csignal>
#include <cstring>
#include <thread>

#include "api/base/log.h"
#include "api/base/port_file.h"
#include "api/base/termination.h"
#include "cli/folder_watch.h"
#include "cli/manifest_folder.h"
#include "cli/standalone.h"
#include "controller/resource/name_text.h"
#include "proxy/net/address_flag.h"
#include "proxy/net/load_flags.h"
#include "proxy/net/name_flags.h"
#include "proxy/net/store_flags.h"
#include "proxy/net/trace_flags.h"
#include "proxy/takeover/takeover.h"

namespace tollgate::cli {
namespace {

constexpr char kProgram[] = "tollgatectl run";
// An editor's save is a handful of file events within a few milliseconds.
constexpr std::chrono::milliseconds kQuiet{50};

struct RunFlags {
  std::vector<std::string> paths;
  std::string http_address = "127.0.0.1:8080";
  std::string https_address = "127.0.0.1:8443";
  std::string metrics_address = "127.0.0.1:9090";
  bool proxy_protocol = false;
  unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  unsigned trusted_hops = 0;
  std::string access_log = "-";
  std::string port_file;
  std::string installation = "tollgate";
  std::string host_policy = "Owned";
  net::StoreFlags stores;
  net::LoadFlags load;
  net::NameFlags names;
  net::TraceFlags traces;
  admin::OperatorFlags operators;
  std::chrono::milliseconds drain_grace{0};
  std::chrono::milliseconds drain_timeout{30'000};
  std::string takeover_socket;
};

Result<StandaloneOptions> ToOptions(const RunFlags& flags) {
  StandaloneOptions options;
  const auto http = net::ReadAddressFlag("http-address", flags.http_address);
  if (!http.ok()) return http.error();
  const auto https = net::ReadOptionalAddressFlag("https-address", flags.https_address);
  if (!https.ok()) return https.error();
  const auto metrics = net::ReadAddressFlag("metrics-address", flags.metrics_address);
  if (!metrics.ok()) return metrics.error();
  if (const Status<> threads = net::CheckThreadsFlag(flags.threads); !threads.ok()) return threads.error();
  if (const Status<> hops = net::CheckTrustedHopsFlag(flags.trusted_hops); !hops.ok()) return hops.error();
  if (flags.host_policy != "Owned" && flags.host_policy != "Open") {
    return Fault{"--host-policy \"" + flags.host_policy + "\" is unknown; write Owned or Open"};
  }
  if (!resource::IsLabel(flags.installation)) {
    return Fault{"--installation \"" + flags.installation +
                 "\" is no name; write lower case letters, digits and hyphens"};
  }
  options.paths = flags.paths;
  options.gateway = {.http_address = *http, .threads = flags.threads, .access_log = flags.access_log};
  options.gateway.https_address = *https;
  options.gateway.proxy_protocol = flags.proxy_protocol;
  options.gateway.trusted_hops = flags.trusted_hops;
  options.gateway.load = net::ToLimits(flags.load);
  const auto names = net::ReadNames(flags.names, net::Reach::kEverywhere);
  if (!names.ok()) return names.error();
  options.gateway.names = *names;
  auto traces = net::ReadTraceFlags(flags.traces, "tollgatectl");
  if (!traces.ok()) return traces.error();
  options.gateway.traces = *std::move(traces);
  const auto limits_store = net::ReadLimitsStore(flags.stores, flags.installation);
  if (!limits_store.ok()) return limits_store.error();
  options.gateway.limits_store = *limits_store;
  const auto cache_store = net::ReadCacheStore(flags.stores, flags.installation);
  if (!cache_store.ok()) return cache_store.error();
  options.gateway.cache_store = *cache_store;
  options.metrics_address = *metrics;
  const auto operators = admin::ReadOperatorFlags(flags.operators);
  if (!operators.ok()) return operators.error();
  options.operators = *operators;
  options.compiler.installation = flags.installation;
  options.compiler.open_hosts = flags.host_policy == "Open";
  return options;
}

// Until this process is told to end, or another one has taken over: what it ends with.
int AwaitEnd(Standalone& gateway, FolderWatch& watch, const RunFlags& flags, int signals,
             takeover::Takeover& takeover) {
  const int told = takeover.WakeOn(signals);
  while (watch.AwaitChange(told, kQuiet)) {
    // Watched anew before reading: a folder that appeared is seen, and a change while reading is not missed.
    watch.Watch(FoldersOf(flags.paths));
    gateway.Reload();
  }
  if (takeover.End()) return kExitDone;
  const int signal = AwaitTermination(signals);
  log::Info("draining", {{"signal", strsignal(signal)}});
  return signal == SIGINT ? kExitInterrupted : kExitDone;
}

int Serve(Standalone& gateway, FolderWatch& watch, const RunFlags& flags, int signals,
          takeover::Takeover& takeover) {
  gateway.Prepare();
  takeover.SayReady();
  gateway.Start();
  takeover.Offer(gateway.Listeners());
  log::Info("listening", {{"http", gateway.gateway().http_address().ToString()},
                          {"https", gateway.gateway().https_text()},
                          {"metrics", gateway.metrics_address().ToString()},
                          {"admin", gateway.operators().text()}});
  std::vector<std::pair<std::string, uint16_t>> ports = gateway.gateway().ports();
  ports.emplace_back("metrics", gateway.metrics_address().port());
  gateway.operators().AppendTo(ports);
  const Status<> written = WritePortFile(flags.port_file, ports);
  if (!written.ok()) return Fail(kProgram, written.error().message);
  const int code = AwaitEnd(gateway, watch, flags, signals, takeover);
  gateway.Drain(net::ToTerms(flags.drain_grace, flags.drain_timeout, signals, takeover.handed_over()));
  return code;
}

int Run(const RunFlags& flags) {
  const Result<StandaloneOptions> options = ToOptions(flags);
  if (!options.ok()) return Fail(kProgram, options.error().message, kExitWrongUse);
  const int signals = CatchTermination();
  auto watch = FolderWatch::Open();
  if (!watch.ok()) return Fail(kProgram, watch.error().message);
  (*watch)->Watch(FoldersOf(flags.paths));
  auto takeover = takeover::Takeover::Begin(flags.takeover_socket);
  if (!takeover.ok()) return Fail(kProgram, takeover.error().message);
  const SystemWallClock clock;
  auto gateway = Standalone::Open(*options, clock, takeover->inheritance(), takeover->has_predecessor());
  if (!gateway.ok()) return Fail(kProgram, gateway.error().message);
  return Serve(**gateway, **watch, flags, signals, *takeover);
}

}  // namespace

void AddRunCommand(FlagSet& flags) {
  auto values = std::make_shared<RunFlags>();
  FlagSet& run = flags.AddCommand("run", "Run the gateway on this machine from a folder of manifests",
                                  [values] { return Run(*values); });
  run.AddOperands("DIR", values->paths,
                  "Folders or files of manifests; changes are taken over while running");
  run.Add("http-address", values->http_address, "Address and port for callers; port 0 picks a free one");
  run.Add("https-address", values->https_address,
          "Address and port for callers over TLS; port 0 picks a free one; off: none");
  run.Add("metrics-address", values->metrics_address, "Address and port of /metrics, /livez, /readyz");
  values->operators.AddTo(run);
  run.Add("proxy-protocol", values->proxy_protocol,
          "Every connection of a caller begins with a header of the PROXY protocol (version 1 or 2), whose "
          "address counts as the caller's; others are closed. Only behind a balancer that sends it");
  run.Add("threads", values->threads, "Serving threads; one a core is best");
  run.Add("trusted-hops", values->trusted_hops,
          "Proxies in front that append their caller to X-Forwarded-For: the caller is that many entries "
          "from the right; "
          "0: nobody is believed, the peer is the caller");
  run.Add("access-log", values->access_log, "Where request lines go: a file, - (standard output) or off");
  run.Add("port-file", values->port_file, "File to write the bound ports to, one name=port a line");
  run.Add("installation", values->installation,
          "Serve objects of this installation and those that name none");
  run.Add("host-policy", values->host_policy,
          "Owned: a host belongs to one namespace. Open: to all, and a route may have none");
  values->stores.AddTo(run);
  values->load.AddTo(run);
  // The files' owner is the machine's.
  values->names.AddTo(run, net::Reach::kEverywhere);
  values->traces.AddTo(run);
  run.Add("drain-grace", values->drain_grace, "How long new connections are still served after SIGTERM");
  run.Add("drain-timeout", values->drain_timeout,
          "How long requests under way may take after that, then they are cut");
  run.Add("takeover-socket", values->takeover_socket, takeover::kFlagHelp);
}

}  // namespace tollgate::cli
