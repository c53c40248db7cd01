#include "proxy/proxy_flags.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "api/base/dns_label.h"
#include "proxy/net/address_flag.h"
#include "proxy/takeover/takeover.h"

namespace tollgate {
namespace {

// A pod's name is its host's.
std::string HostName() {
  if (const char* name = std::getenv("HOSTNAME"); name != nullptr && *name != '\0') return name;
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return name;
}

Status<> ReadControllers(const std::vector<std::string>& texts, snapshot::ReceiverOptions& options) {
  if (texts.empty()) {
    return Fault{"no --controller is given; name one, such as dns:///tollgate-controller-push:9443"};
  }
  for (const std::string& text : texts) {
    const auto target = snapshot::ControllerTarget::Parse(text);
    if (!target) return Fault{"--controller " + target.error().message};
    options.controllers.push_back(*target);
  }
  return Done{};
}

Status<> CheckTls(const snapshot::TlsFiles& tls) {
  if (!tls.certificate.empty() && !tls.key.empty() && !tls.authorities.empty()) return Done{};
  return Fault{
      "--tls-cert, --tls-key and --tls-ca are needed: controllers let nobody in without; give the "
      "files of the Secret <installation>-push-client"};
}

}  // namespace

ProxyFlags::ProxyFlags()
    : threads(std::max(1U, std::thread::hardware_concurrency())), proxy_name(HostName()) {}

void ProxyFlags::AddTo(FlagSet& set) {
  set.Add("http-address", http_address, "Address and port for callers; port 0 picks a free one");
  set.Add("https-address", https_address,
          "Address and port for callers over TLS; port 0 picks a free one; off: none");
  set.Add("metrics-address", metrics_address, "Address and port of /metrics, /livez, /readyz");
  operators.AddTo(set);
  set.Add("proxy-protocol", proxy_protocol,
          "Every connection of a caller begins with a header of the PROXY protocol (version 1 or 2), whose "
          "address counts as the caller's; others are closed. Only behind a balancer that sends it");
  set.Add("threads", threads, "Serving threads; one a core is best");
  set.Add("trusted-hops", trusted_hops,
          "Proxies in front that append their caller to X-Forwarded-For: the caller is that many entries "
          "from the right; "
          "0: nobody is believed, the peer is the caller");
  set.Add("access-log", access_log, "Where request lines go: a file, - (standard output) or off");
  set.Add("controller", controllers,
          "Controllers to follow: dns:///HOST:PORT or HOST:PORT, every address behind it; repeatable");
  set.Add("tls-cert", tls.certificate, "PEM file of this proxy's certificate; read again when it changes");
  set.Add("tls-key", tls.key, "PEM file of its private key");
  set.Add("tls-ca", tls.authorities, "PEM file of the authorities that controllers' certificates are of");
  set.Add("state-dir", state_dir,
          "Folder for the last good configuration, served after a restart; empty: none is kept");
  set.Add("installation", installation, "The installation that this proxy belongs to");
  set.Add("proxy-name", proxy_name, "What controllers call this proxy: the pod's name");
  stores.AddTo(set);
  load.AddTo(set);
  names.AddTo(set, net::Reach::kOutside);
  traces.AddTo(set);
  set.Add("drain-grace", drain_grace,
          "How long new connections are still served after SIGTERM, until nobody sends any here");
  set.Add("drain-timeout", drain_timeout,
          "How long requests under way may take after that, then they are cut");
  set.Add("takeover-socket", takeover_socket, takeover::kFlagHelp);
  set.Add("port-file", port_file, "File to write the bound ports to, one name=port a line");
}

Result<ProxyOptions> ReadFlags(const ProxyFlags& flags) {
  const auto http = net::ReadAddressFlag("http-address", flags.http_address);
  if (!http) return http.error();
  const auto https = net::ReadOptionalAddressFlag("https-address", flags.https_address);
  if (!https) return https.error();
  const auto metrics = net::ReadAddressFlag("metrics-address", flags.metrics_address);
  if (!metrics) return metrics.error();
  if (const Status<> threads = net::CheckThreadsFlag(flags.threads); !threads) return threads.error();
  if (const Status<> hops = net::CheckTrustedHopsFlag(flags.trusted_hops); !hops) return hops.error();
  if (!IsDnsLabel(flags.installation)) {
    return Fault{"--installation \"" + flags.installation +
                 "\" is no name; write lower case letters, digits and hyphens"};
  }
  if (const Status<> tls = CheckTls(flags.tls); !tls) return tls.error();
  ProxyOptions options;
  options.gateway = {.http_address = *http, .threads = flags.threads, .access_log = flags.access_log};
  options.gateway.https_address = *https;
  options.gateway.proxy_protocol = flags.proxy_protocol;
  options.gateway.trusted_hops = flags.trusted_hops;
  options.gateway.load = net::ToLimits(flags.load);
  const auto names = net::ReadNames(flags.names, net::Reach::kOutside);
  if (!names) return names.error();
  options.gateway.names = *names;
  auto traces = net::ReadTraceFlags(flags.traces, flags.proxy_name);
  if (!traces.ok()) return traces.error();
  options.gateway.traces = *std::move(traces);
  const auto limits_store = net::ReadLimitsStore(flags.stores, flags.installation);
  if (!limits_store) return limits_store.error();
  options.gateway.limits_store = *limits_store;
  const auto cache_store = net::ReadCacheStore(flags.stores, flags.installation);
  if (!cache_store) return cache_store.error();
  options.gateway.cache_store = *cache_store;
  options.metrics_address = *metrics;
  const auto operators = admin::ReadOperatorFlags(flags.operators);
  if (!operators) return operators.error();
  options.operators = *operators;
  if (const Status<> read = ReadControllers(flags.controllers, options.receiver); !read) return read.error();
  options.receiver.tls = flags.tls;
  options.receiver.proxy = flags.proxy_name;
  options.receiver.installation = flags.installation;
  return options;
}

}  // namespace tollgate
