// Where the API server is and who we are to it: the account of our own pod, or a kubeconfig file. Read once
// at start; what may be rotated stands behind a TextSource. Immutable; any thread.
#pragma once

#include <optional>
#include <string>

#include "api/base/result.h"
#include "controller/kube/text_source.h"

namespace tollgate::kube {

struct Credentials {
  std::string server;       // "https://10.96.0.1:443", perhaps with a path, without a slash at the end
  std::string server_name;  // the name its certificate must bear; empty: the host of `server`
  std::optional<TextSource> authority;           // certificates in PEM; absent: the machine's own authorities
  std::optional<TextSource> client_certificate;  // with client_key, or neither
  std::optional<TextSource> client_key;
  std::optional<TextSource> token;  // may end in white space
  std::string space;                // our own namespace; "default" where nothing says another
  std::string source;               // what errors call all this: the kubeconfig's path, say
};

// Where a pod finds its account; tests name other places.
struct PodAccount {
  std::string host;  // KUBERNETES_SERVICE_HOST
  std::string port;  // KUBERNETES_SERVICE_PORT
  std::string folder = "/var/run/secrets/kubernetes.io/serviceaccount";
};

// The account of the pod that we run in, from the environment. Call before threads start (getenv).
PodAccount OwnPodAccount();

// Token, authority and namespace are looked at now, so that a missing one is said at start and not at the
// first request.
Result<Credentials> LoadPodAccount(const PodAccount& account);

// The current context of a kubeconfig file. Refused, with a sentence that says what to use instead:
// insecure-skip-tls-verify, plain http, exec and auth-provider plugins, passwords, impersonation, proxies.
Result<Credentials> LoadKubeconfig(const std::string& path);

}  // namespace tollgate::kube
