# shellcheck shell=bash disable=SC2034 # what is set here is read by the files beside it
#
# A node's servers besides etcd and kube-apiserver: their command lines, their settings, and when each
# counts as ready. Sourced by kubernetes.sh, and by holder.sh for node_server_command.

readonly NODE_NAME=node
readonly DNS_ADDRESS=10.96.0.10

# Those that need the API, in the order in which they are started.
readonly NODE_SERVERS=(kube-controller-manager kube-scheduler kubelet kube-proxy)

# node_server_command NAME: sets COMMAND.
node_server_command() {
  case $1 in
    containerd) COMMAND=(containerd --config "$STATE/node/containerd.toml") ;;
    kube-controller-manager) controller_manager_command ;;
    kube-scheduler)
      COMMAND=("$BIN/kube-scheduler" --kubeconfig="$STATE/pki/kube-scheduler.kubeconfig"
        --leader-elect=false --bind-address=127.0.0.1)
      ;;
    kubelet)
      COMMAND=("$BIN/kubelet" --config="$STATE/node/kubelet.yaml" --kubeconfig="$STATE/pki/kubelet.kubeconfig"
        --hostname-override="$NODE_NAME" --node-ip="$NODE_ADDRESS")
      ;;
    kube-proxy) COMMAND=("$BIN/kube-proxy" --config="$STATE/node/kube-proxy.yaml") ;;
    *) return 1 ;;
  esac
}

# The rates are for a machine of its own: at the default of 20 requests a second the start of all its
# controllers delays the first Deployment by seconds.
controller_manager_command() {
  COMMAND=("$BIN/kube-controller-manager" --kubeconfig="$STATE/pki/kube-controller-manager.kubeconfig"
    --service-account-private-key-file="$STATE/pki/service-account.key"
    --root-ca-file="$STATE/pki/ca.crt"
    --cluster-signing-cert-file="$STATE/pki/ca.crt" --cluster-signing-key-file="$STATE/pki/ca.key"
    --use-service-account-credentials --leader-elect=false --bind-address=127.0.0.1
    --kube-api-qps=200 --kube-api-burst=300)
}

# node_server_is_ready NAME
node_server_is_ready() {
  local ask=(curl --noproxy '*' --silent --fail --max-time 2 --output /dev/null)
  case $1 in
    containerd) in_node ctr version >/dev/null 2>&1 ;;
    # Its certificate is its own, made at each start.
    kube-controller-manager) in_network "${ask[@]}" --insecure https://127.0.0.1:10257/healthz ;;
    kube-scheduler) in_network "${ask[@]}" --insecure https://127.0.0.1:10259/healthz ;;
    kubelet) in_network "${ask[@]}" http://127.0.0.1:10248/healthz ;;
    kube-proxy) in_network "${ask[@]}" http://127.0.0.1:10256/healthz ;;
    *) return 1 ;;
  esac
}
