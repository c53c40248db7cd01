#include "controller/controller_flags.h"

namespace tollgate {

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
  set.Add("quiet-period", quiet_period, "A rebuild waits until nothing has changed for this long");
  set.Add("quiet-cap", quiet_cap, "… but never longer than this");
  set.Add("refusal-patience", refusal_patience,
          "How long a kind that the API server does not show holds up the first configuration");
  set.Add("port-file", port_file, "File to write the bound ports to, one name=port a line");
}

}  // namespace tollgate
