#!/usr/bin/env bash
#
# A real Kubernetes API for tests: etcd and kube-apiserver, in a network namespace of their own; or, with
# --node, a whole cluster of one node: controllers, scheduler, kubelet, containerd, kube-proxy, CoreDNS.
#
# Usage: hack/kubernetes.sh VERB [--state DIR] [ARGUMENT...]
#
#   --node            From nothing to a node with Tollgate's images on it: builds Tollgate, its images
#                     and the node's binaries where they are missing, then start --node. As root, or
#                     by sudo: then the building is done as the user who called it.
#   build             Builds etcd, kube-apiserver and kubectl into the user's cache folder, once:
#                     4 to 5 minutes with cold caches, 1.1 GB of Go modules and 2.6 GB of build cache.
#         [--node]    The node's binaries as well, helm and kubeconform: 5 minutes and 3 GB more.
#   start             Starts etcd and kube-apiserver; returns when /readyz says ok (about 3 s).
#         [--node]    A whole node; returns when it is Ready and CoreDNS answers (about 8 s). Loads the
#                     images that are in build/images. As root.
#   load TAR...       Loads images into the node, where a Pod can name them.
#   exec CMD...       Runs CMD in the cluster's network, with KUBECONFIG set to its administrator and
#                     with kubectl and helm on PATH. Exits as CMD does; 125 where CMD could not be run.
#   address IP...     Adds addresses to the cluster's loopback device, for backends and proxies.
#   kill-apiserver    Kills kube-apiserver (SIGKILL).
#   start-apiserver   Starts it again; returns when it is ready.
#   kill-etcd         Kills etcd (SIGKILL).
#   start-etcd        Starts it again with its data; returns when it is ready.
#   stop [--keep]     Ends the cluster and removes DIR; with --keep, a later start finds its data.
#   --help            Prints this.
#
#   --state DIR       Where the cluster keeps its data, keys, logs and admin.kubeconfig. One cluster
#                     per DIR; any number run side by side. Default: $TOLLGATE_KUBERNETES_STATE (set
#                     by exec), else tollgate-kubernetes-UID in $XDG_RUNTIME_DIR or /tmp.
#
# The API is https://10.250.0.1:6443. All of 10.250.0.0/24 is local in that network, so any address in
# it can be listened on without `address`; outside addresses (192.0.2.7, say) need it. There is no
# route to anywhere else. Without --node no controllers run: a test writes its own EndpointSlices and
# the like. With it, Services (10.96.0.0/16) and pods (10.244.0.0/24) are reached as from any node.
#
# Exit: 0 done; 1 failed, and stderr says what, why and what to do; 2 used wrongly.

set -euo pipefail

SCRIPT=$(realpath "${BASH_SOURCE[0]}")
PARTS=${SCRIPT%.sh}
PROJECT=${SCRIPT%/hack/*}
# shellcheck disable=SC2034 # the parts read it
readonly SCRIPT PARTS PROJECT

for part in caller go build state credentials servers cluster cgroups node_servers node_settings node_root node; do
  # shellcheck source=/dev/null
  source "$PARTS/$part.sh"
done

FAILURE_CODE=1

say() { printf 'kubernetes.sh: %s\n' "$*"; }

# fail WHAT WHY REMEDY
fail() {
  say "$1: $2; $3" >&2
  exit "$FAILURE_CODE"
}

misuse() {
  say "$1; hack/kubernetes.sh --help lists verbs and flags" >&2
  exit 2
}

# The header above is the one copy of the usage text.
print_usage() { sed -n '3,/^$/s/^# \{0,1\}//p' "$SCRIPT"; }

# Seconds with one decimal since $1, a value of EPOCHREALTIME (whose decimal sign the locale picks).
seconds_since() {
  local tenths=$(((${EPOCHREALTIME//[!0-9]/} - ${1//[!0-9]/}) / 100000))
  printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

require_commands() {
  local command
  for command in "$@"; do
    type -P "$command" >/dev/null ||
      fail "cannot run" "$command is not installed" "install what hack/packages.txt lists"
  done
}

# parse_flags VERB ARGUMENT...: sets FOLDER, KEEP and ARGUMENTS. Flags end at the first word that is
# none, so that those of exec's command reach that command.
parse_flags() {
  local verb=$1
  shift
  FOLDER='' KEEP=false NODE=false
  while (($# > 0)); do
    case $1 in
      --state) FOLDER=${2:-}; [[ -n $FOLDER ]] || misuse "--state needs a folder"; shift ;;
      --state=*) FOLDER=${1#*=}; [[ -n $FOLDER ]] || misuse "--state needs a folder" ;;
      --keep) [[ $verb == stop ]] || misuse "--keep belongs to stop"; KEEP=true ;;
      --node) [[ $verb == build || $verb == start ]] || misuse "--node belongs to build and start"; NODE=true ;;
      -h | --help) print_usage; exit 0 ;;
      --) shift; break ;;
      -*) misuse "unknown flag $1" ;;
      *) break ;;
    esac
    shift
  done
  ARGUMENTS=("$@")
}

check_arguments() {
  case $1 in
    exec) ((${#ARGUMENTS[@]} > 0)) || misuse "exec needs a command" ;;
    address) ((${#ARGUMENTS[@]} > 0)) || misuse "address needs an address" ;;
    load) ((${#ARGUMENTS[@]} > 0)) || misuse "load needs an image's tar" ;;
    *) ((${#ARGUMENTS[@]} == 0)) || misuse "$1 takes no argument, and was given ${ARGUMENTS[0]}" ;;
  esac
}

main() {
  (($# > 0)) || misuse "a verb is missing"
  local verb=$1
  shift
  case $verb in
    -h | --help | help) print_usage; exit 0 ;;
    --node) ;;
    build | start | stop | exec | load | address) ;;
    kill-apiserver | start-apiserver | kill-etcd | start-etcd) ;;
    *) misuse "unknown verb $verb" ;;
  esac
  parse_flags "$verb" "$@"
  check_arguments "$verb"
  # Those of the command itself are handed on, so a failure of ours is told apart as env(1) does.
  [[ $verb != exec ]] || FAILURE_CODE=125
  resolve_state "$FOLDER"
  case $verb in
    --node) bring_up_node ;;
    build) build_binaries "$NODE" ;;
    start) start_cluster "$NODE" ;;
    stop) stop_cluster "$KEEP" ;;
    exec) exec_in_cluster "${ARGUMENTS[@]}" ;;
    load) load_into_node "${ARGUMENTS[@]}" ;;
    address) add_addresses "${ARGUMENTS[@]}" ;;
    kill-apiserver) kill_server kube-apiserver ;;
    start-apiserver) start_server kube-apiserver ;;
    kill-etcd) kill_server etcd ;;
    start-etcd) start_server etcd ;;
  esac
}

main "$@"
