# shellcheck shell=bash
#
# The verbs on a cluster: start, stop, exec, load, address, kill and start a server. Sourced by
# kubernetes.sh.

# start_cluster NODE
start_cluster() {
  local node=$1 began=$EPOCHREALTIME
  require_binaries "$node"
  require_commands curl flock ip mkfifo nsenter openssl setsid unshare
  [[ $node == false ]] || { require_root && require_node_programs; }
  # Everything that a cluster writes is for its user alone, private keys most of all.
  umask 077
  claim_state
  lock_state
  ! find_holder || fail "cannot start" "the cluster in $STATE runs already" "stop it first, or name another folder by --state"
  claim_kind "$node"
  mkdir -p "$STATE/log"
  make_credentials
  [[ $node == false ]] || prepare_node
  trap end_failed_start EXIT
  launch_holder
  launch_server etcd
  launch_server kube-apiserver
  if [[ $node == true ]]; then start_node; else await_server kube-apiserver; fi
  trap - EXIT
  say "ready in $(seconds_since "$began") s; KUBECONFIG=$STATE/admin.kubeconfig"
}

# The logs stay, for whoever reads the error.
end_failed_start() { ! find_holder || end_holder; }

# The launcher (unshare) stays as the holder's parent and takes it along when it is killed itself.
launch_holder() {
  local flags=(--net --pid --mount --fork --kill-child) launcher
  ((EUID == 0)) || flags+=(--map-root-user)
  ! is_node || flags+=(--uts)
  rm -f "$STATE/holder" "$STATE/requests"
  mkfifo "$STATE/requests"
  # A session of its own: Ctrl-C in the caller's terminal is not for the cluster. An environment of its
  # own: etcd takes flags from it, and kube-apiserver a proxy for its webhooks.
  (cd / && close_inherited && exec env --ignore-environment PATH="$PATH:/usr/sbin:/sbin" HOME="$STATE" \
    setsid unshare "${flags[@]}" bash "$PARTS/holder.sh" "$STATE" "$BIN") \
    </dev/null >"$STATE/log/holder.log" 2>&1 &
  launcher=$!
  until find_holder; do
    kill -0 "$launcher" 2>/dev/null ||
      fail "cannot make a namespace" "$(last_line "$STATE/log/holder.log")" \
        "run as root, or where users may make user namespaces (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns)"
    sleep 0.02
  done
}

# Files of whoever called start, and our own lock, would otherwise stay open as long as the cluster runs.
close_inherited() {
  local descriptor
  for descriptor in /proc/self/fd/*; do
    descriptor=${descriptor##*/}
    # 255 is where bash reads its script; it does not outlive exec.
    ((descriptor <= 2 || descriptor == 255)) || exec {descriptor}>&-
  done
}

# Ends the holder and, with its namespace, every server: the kernel lets it end only after them. The
# launcher goes last.
end_holder() {
  local first=$IDENTITY launcher=$PARENT
  identify_process "$launcher" && launcher=$IDENTITY
  kill -KILL "$HOLDER"
  await_end "$first"
  await_end "$launcher"
}

# await_end IDENTITY
await_end() {
  local deadline=$((SECONDS + 30)) process=${1%% *}
  while identify_process "$process" && [[ $IDENTITY == "$1" ]]; do
    ((SECONDS < deadline)) ||
      fail "cannot stop" "process $process is still there after 30 s" "see what it waits for in /proc/$process/stack"
    sleep 0.01
  done
}

# stop_cluster KEEP: right as well where nothing runs, so that a test can always call it.
stop_cluster() {
  local keep=$1
  [[ -e $STATE ]] || { say "no cluster in $STATE"; return; }
  require_commands flock
  require_state
  lock_state
  if find_holder; then end_holder; fi
  ! is_node || remove_cgroups
  [[ $keep == true ]] || rm -rf -- "$STATE"
  say "stopped"
}

# in_network COMMAND...: runs it in the cluster's network, in the caller's file system and among its
# processes.
in_network() {
  network_entry
  "${ENTRY[@]}" "$@"
}

# Sets ENTRY to the command that enters the network of HOLDER. A user who is not root got the right to
# its network with the user namespace it was made in, so that comes along, unless we are in it already.
network_entry() {
  ENTRY=(nsenter --target "$HOLDER" --net)
  [[ /proc/self/ns/user -ef /proc/$HOLDER/ns/user ]] || ENTRY+=(--user --preserve-credentials)
  ENTRY+=(--)
}

load_into_node() {
  require_holder
  is_node || fail "cannot load" "the cluster in $STATE has no node" "start one by hack/kubernetes.sh start --node"
  load_images "$@"
}

exec_in_cluster() {
  require_holder
  # All clusters have the same address, and kubectl keys what it remembers of one by that.
  export KUBECACHEDIR=$STATE/kubectl-cache
  export KUBECONFIG=$STATE/admin.kubeconfig TOLLGATE_KUBERNETES_STATE=$STATE PATH=$BIN:$TOOLS:$PATH
  # Helm, too, is to know this cluster alone, and to leave nothing behind.
  export HELM_CACHE_HOME=$STATE/helm/cache HELM_CONFIG_HOME=$STATE/helm/config HELM_DATA_HOME=$STATE/helm/data
  # No proxy can be reached from there, and clients would try one before the API.
  unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
  network_entry
  exec "${ENTRY[@]}" "$@"
}

add_addresses() {
  local address answer
  require_holder
  for address in "$@"; do
    local prefix=("$address/32")
    # No duplicate detection: the address is to be usable at once, and there is nobody else.
    [[ $address != *:* ]] || prefix=("$address/128" nodad)
    answer=$(in_network ip address replace "${prefix[@]}" dev lo 2>&1) ||
      fail "cannot add $address" "$answer" "give an address without a prefix length"
  done
}

# kill_server NAME: without a chance to say goodbye, as a crash would; returns when it is gone.
kill_server() {
  local name=$1 pid
  require_holder
  lock_state
  pid=$(server_pid "$name") || fail "cannot kill $name" "it does not run" "run hack/kubernetes.sh start-${name#kube-}"
  kill -KILL "$pid"
  while [[ $(server_pid "$name") == "$pid" ]]; do sleep 0.02; done
  say "killed $name, process $pid"
}

start_server() {
  local name=$1 began=$EPOCHREALTIME
  require_holder
  lock_state
  ! server_pid "$name" >/dev/null || fail "cannot start $name" "it runs already" "run hack/kubernetes.sh kill-${name#kube-} first"
  launch_server "$name"
  await_server "$name"
  say "$name ready in $(seconds_since "$began") s"
}
