#include "controller/controller_flags.h"

#include "controller/admin/listen_address.h"
#include "controller/publish/push_credentials.h"
#include "controller/resource/name_text.h"

namespace tollgate {
namespace {

constexpr char kOwned[] = "Owned";
constexpr char kOpen[] = "Open";

Fault Wrong(const std::string& flag, const std::string& value, const std::string& what) {
  return Fault{"--" + flag + " \"" + value + "\" " + what};
}

Status<> CheckSpaces(const std::string& flag, const std::vector<std::string>& spaces) {
  for (const std::string& space : spaces) {
    if (space != "*" && !resource::IsLabel(space)) {
      return Wrong(flag, space, "is no namespace; write names with commas between them, or *");
    }
  }
  return Done{};
}

Status<> CheckAddress(const std::string& flag, const std::string& address) {
  if (admin::ParseListenAddress(address)) return Done{};
  return Wrong(flag, address, "is no address; write an IP address and a port, such as 0.0.0.0:9443 or :9443");
}

std::optional<resource::ObjectName> ReadServiceName(const std::string& text) {
  const size_t slash = text.find('/');
  if (slash == std::string::npos) return std::nullopt;
  resource::ObjectName name{text.substr(0, slash), text.substr(slash + 1)};
  if (!resource::IsLabel(name.space) || !resource::IsLabel(name.name)) return std::nullopt;
  return name;
}

}  // namespace

void ControllerFlags::AddTo(FlagSet& set) {
  set.Add("kubeconfig", kubeconfig, "kubeconfig file; absent: the account of the pod");
  set.Add("installation", installation, "Name of this installation; it serves the objects that name it");
  set.Add("default-installation", default_installation, "Serve objects that name no installation, too");
  set.Add("namespaces", namespaces,
          "Namespaces to watch, or * for all; absent: the one that the controller runs in");
  set.Add("secret-namespaces", secret_namespaces,
          "Namespaces whose consumer Secrets are read, or *; absent: as --namespaces");
  set.Add("push-address", push_address, "Address and port that proxies connect to");
  set.Add(
      "push-names", push_names,
      "DNS names and IP addresses that proxies call the controller by, for its certificate; absent: those "
      "of the Service <installation>-controller");
  set.Add("push-tls-dir", push_tls_dir,
          "Folder with ca.crt, tls.crt and tls.key for the push; absent: kept in Secrets of the namespace");
  set.Add("metrics-address", metrics_address, "Address and port of /metrics, /livez, /readyz");
  set.Add("host-policy", host_policy,
          "Owned: a host belongs to one namespace. Open: to all, and a route may have none");
  set.Add(
      "proxy-service", proxy_service,
      "NAMESPACE/NAME of the Service that the proxies stand behind: its ready endpoints say how many there "
      "are, of whom each enforces its part of a limit while the shared store is away; absent: 1");
  set.Add("quiet-period", quiet_period, "A rebuild waits until nothing has changed for this long");
  set.Add("quiet-cap", quiet_cap, "… but never longer than this");
  set.Add("refusal-patience", refusal_patience,
          "How long a kind that the API server refuses to show holds up the first configuration; refused "
          "later, what "
          "was known of it stays for as long");
  set.Add("port-file", port_file, "File to write the bound ports to, one name=port a line");
}

Status<> ControllerFlags::Check() const {
  // What it makes is called by its name, and an object's status bears it.
  if (!resource::IsLabel(installation)) {
    return Wrong("installation", installation, "is no name; write lower case letters, digits and hyphens");
  }
  if (host_policy != kOwned && host_policy != kOpen) {
    return Wrong("host-policy", host_policy, "is unknown; write Owned or Open");
  }
  if (!proxy_service.empty() && !ReadServiceName(proxy_service)) {
    return Wrong("proxy-service", proxy_service, "names no Service; write NAMESPACE/NAME");
  }
  if (const Status<> names = publish::CheckServerNames(push_names); !names.ok()) {
    return Fault{"--push-names: " + names.error().message};
  }
  for (const Status<>& checked :
       {CheckSpaces("namespaces", namespaces), CheckSpaces("secret-namespaces", secret_namespaces),
        CheckAddress("push-address", push_address), CheckAddress("metrics-address", metrics_address)}) {
    if (!checked.ok()) return checked;
  }
  return Done{};
}

bool ControllerFlags::open_hosts() const { return host_policy == kOpen; }

std::optional<resource::ObjectName> ControllerFlags::proxies() const {
  return ReadServiceName(proxy_service);
}

}  // namespace tollgate
