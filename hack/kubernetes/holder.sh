#!/usr/bin/env bash
#
# The first process of a cluster, started by kubernetes.sh in new network, process id and mount
# namespaces: holder.sh STATE BIN. It sets the network up and, for a node, a root of its own; then it
# starts a server for each line of STATE/requests. As process 1 of its namespace it takes every server
# with it when it ends, however that comes about; as their parent it reaps those that are killed.

set -euo pipefail

PARTS=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
# shellcheck disable=SC2034 # servers.sh reads it
BIN=$2
STATE=$1

for part in state servers node_servers node_root; do
  # shellcheck source=/dev/null
  source "$PARTS/$part.sh"
done

set_up_network() {
  ip link set lo up
  ip address add "$NODE_ADDRESS/24" dev lo
}

# Go programs look for themselves in /proc by the id they have in this namespace. In a container that
# hides parts of /proc this is not allowed, and then only their own memory metrics are wrong.
mount_own_proc() { mount -t proc proc /proc || echo "no /proc of the cluster's own: servers' process metrics are wrong"; }

serve_requests() {
  local name
  exec 3<>"$STATE/requests"
  printf '%s\n' "$IDENTITY" >"$STATE/holder.new"
  mv "$STATE/holder.new" "$STATE/holder"
  while read -r -u 3 name; do
    server_command "$name" || node_server_command "$name" || continue
    "${COMMAND[@]}" 3>&- >>"$STATE/log/$name.log" 2>&1 &
  done
}

# Before /proc changes: those outside know this process by the id that it has for them.
identify_process self
set_up_network
if is_node; then
  enter_own_root
  shield_kernel_settings
  set_up_node_network
else
  mount_own_proc
fi
serve_requests
