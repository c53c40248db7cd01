# shellcheck shell=bash disable=SC2034 # what is set here is read by the files beside it
#
# etcd and kube-apiserver: their command lines, and when each counts as ready. Sourced by kubernetes.sh,
# and by holder.sh for server_command.

# The API's own address. EndpointSlices refuse loopback addresses, hence not 127.0.0.1.
readonly NODE_ADDRESS=10.250.0.1
readonly SERVICE_RANGE=10.96.0.0/16
readonly SERVICE_ADDRESS=10.96.0.1
readonly POD_RANGE=10.244.0.0/24
readonly ETCD_CLIENTS=http://127.0.0.1:2379
readonly ETCD_PEERS=http://127.0.0.1:2380

# server_command NAME: sets COMMAND to the command line of etcd or kube-apiserver.
server_command() {
  case $1 in
    etcd) etcd_command ;;
    kube-apiserver) apiserver_command ;;
    *) return 1 ;;
  esac
}

etcd_command() {
  COMMAND=("$BIN/etcd"
    --data-dir="$STATE/etcd"
    --listen-client-urls="$ETCD_CLIENTS" --advertise-client-urls="$ETCD_CLIENTS"
    --listen-peer-urls="$ETCD_PEERS" --initial-advertise-peer-urls="$ETCD_PEERS"
    --initial-cluster="default=$ETCD_PEERS"
    # A killed etcd loses nothing by this, a machine without power would: no test outlives that.
    --unsafe-no-fsync)
}

# Bound to every address: the namespace is the cluster's own, and tests speak to NODE_ADDRESS.
apiserver_command() {
  COMMAND=("$BIN/kube-apiserver"
    --etcd-servers="$ETCD_CLIENTS"
    --bind-address=0.0.0.0 --secure-port=6443 --advertise-address="$NODE_ADDRESS"
    --tls-cert-file="$STATE/pki/apiserver.crt" --tls-private-key-file="$STATE/pki/apiserver.key"
    --client-ca-file="$STATE/pki/ca.crt" --cert-dir="$STATE/pki"
    --service-account-key-file="$STATE/pki/service-account.pub"
    --service-account-signing-key-file="$STATE/pki/service-account.key"
    --service-account-issuer=https://kubernetes.default.svc
    --service-cluster-ip-range="$SERVICE_RANGE")
  if is_node; then add_node_flags; else add_bare_flags; fi
}

# Without controllers and a network for Services: the ServiceAccount admission plugin would refuse each
# Pod, since nothing makes the default accounts; the reconciler would write the API's own endpoints,
# which nothing routes to.
add_bare_flags() {
  COMMAND+=(--authorization-mode=RBAC --endpoint-reconciler-type=none --disable-admission-plugins=ServiceAccount)
}

# As in a cluster that kubeadm makes: the kubelet may do what its node needs, and no more.
add_node_flags() {
  COMMAND+=("--authorization-mode=Node,RBAC" --enable-admission-plugins=NodeRestriction --allow-privileged
    --kubelet-certificate-authority="$STATE/pki/ca.crt"
    --kubelet-client-certificate="$STATE/pki/kubelet-client.crt"
    --kubelet-client-key="$STATE/pki/kubelet-client.key"
    --kubelet-preferred-address-types=InternalIP)
}

# is_ready NAME: whether the server's own /readyz says so.
is_ready() {
  # No proxy that the user has set leads into the namespace.
  local ask=(curl --noproxy '*' --silent --fail --max-time 2 --output /dev/null)
  case $1 in
    etcd) in_network "${ask[@]}" "$ETCD_CLIENTS/readyz" ;;
    kube-apiserver)
      in_network "${ask[@]}" --cacert "$STATE/pki/ca.crt" --cert "$STATE/pki/admin.crt" \
        --key "$STATE/pki/admin.key" "https://$NODE_ADDRESS:6443/readyz"
      ;;
    *) node_server_is_ready "$1" ;;
  esac
}

# server_pid NAME: prints the process id, as seen from here, of the holder's child of that name. Asking
# the kernel for the holder's children needs no file that could be stale.
server_pid() {
  local child children name
  { read -r -a children <"/proc/$HOLDER/task/$HOLDER/children"; } 2>/dev/null || true
  for child in "${children[@]}"; do
    { read -r name <"/proc/$child/comm"; } 2>/dev/null || continue
    # The kernel keeps 15 characters of a name.
    [[ $name != "${1:0:15}" ]] || { echo "$child"; return; }
  done
  return 1
}

# launch_server NAME: has the holder start it; returns when it runs, or after 2 s: what ended at once
# is seen by await_server.
launch_server() {
  local name=$1 attempt
  printf '%s\n' "$name" >"$STATE/requests"
  for ((attempt = 0; attempt < 100; attempt++)); do
    server_pid "$name" >/dev/null && return
    sleep 0.02
  done
}

# await_server NAME: until it is ready. Two minutes is far more than the 3 s seen, for a machine that
# builds meanwhile.
await_server() {
  local name=$1 deadline=$((SECONDS + 120)) log=$STATE/log/$1.log
  until is_ready "$name"; do
    server_pid "$name" >/dev/null || fail "$name ended" "$(last_line "$log")" "see $log"
    ((SECONDS < deadline)) || fail "$name is not ready after 120 s" "$(last_line "$log")" "see $log"
    sleep 0.05
  done
}
