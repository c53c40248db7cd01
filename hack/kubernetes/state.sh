# shellcheck shell=bash disable=SC2034 # what is set here is read by the files beside it
#
# The state folder of a cluster: whose it is, who holds its lock, which process is its holder. Sourced
# by kubernetes.sh, and by holder.sh for identify_process.
#
#   admin.kubeconfig  pki/  etcd/ (data)  log/  kubectl-cache/
#   node/             settings of a node's servers; there where the cluster has a node, and root/ is
#                     then what the node has for its own root folder
#   holder            identity of the cluster's first process
#   requests          named pipe: a line with a server's name has the holder start it
#   .tollgate-kubernetes  says that the folder is one of these, so that stop may remove it

readonly MARKER=.tollgate-kubernetes

# resolve_state DIR: sets STATE to the absolute path of DIR, or of the default where DIR is empty.
resolve_state() {
  STATE=$(realpath --canonicalize-missing -- \
    "${1:-${TOLLGATE_KUBERNETES_STATE:-${XDG_RUNTIME_DIR:-/tmp}/tollgate-kubernetes-$UID}}")
}

is_state() { [[ -f $STATE/$MARKER && -O $STATE ]]; }

require_state() {
  is_state && return
  [[ ! -d $STATE ]] || fail "no cluster" "$STATE holds something else, or another user's" "name a cluster's folder by --state"
  fail "no cluster" "$STATE does not exist" "run hack/kubernetes.sh start, or name its folder by --state"
}

# Makes the folder, or takes one that an earlier start left. Never a folder with other things in it:
# stop would remove them.
claim_state() {
  is_state && return
  mkdir --parents -- "$STATE" 2>/dev/null ||
    fail "cannot start" "$STATE cannot be made" "name a folder that can by --state"
  [[ -O $STATE && -z $(ls --almost-all -- "$STATE") ]] ||
    fail "cannot start" "$STATE holds something else, or another user's" "name a new folder by --state"
  chmod 700 -- "$STATE"
  : >"$STATE/$MARKER"
}

is_node() { [[ -d $STATE/node ]]; }

# claim_kind NODE: a kept folder goes on as what it was: objects of a node need one, and its API differs.
claim_kind() {
  if [[ -d $STATE/pki ]]; then
    [[ $1 == false ]] || is_node ||
      fail "cannot start" "$STATE keeps a cluster without a node" "start it without --node, or name another folder by --state"
    [[ $1 == true ]] || ! is_node ||
      fail "cannot start" "$STATE keeps a cluster with a node" "start it with --node, or name another folder by --state"
  elif [[ $1 == true ]]; then
    mkdir -p "$STATE/node"
  fi
}

# One start, stop or restart at a time; the slowest gives up after 120 s. The lock is on the folder
# itself, so nothing outlives it; a folder that was removed while this waited is no lock any more.
lock_state() {
  local lock
  exec {lock}<"$STATE"
  flock --timeout 150 "$lock" ||
    fail "cannot lock $STATE" "another process has it locked for 150 s" "end the process that works on this cluster"
  [[ $STATE -ef /proc/self/fd/$lock ]] ||
    fail "no cluster" "$STATE was removed by another process" "run this again"
}

# identify_process PID|self: sets PARENT to its parent's id and IDENTITY to "PID START BOOT", which no
# other process ever has: a process id alone is given again. Fails where there is no such process, or
# only its remains. Reads by builtins alone, since a subshell would be another self.
identify_process() {
  local stat boot fields
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  read -r boot </proc/sys/kernel/random/boot_id
  # The name in parentheses may itself hold spaces and parentheses: what counts starts after the last.
  read -r -a fields <<<"${stat##*) }"
  [[ ${fields[0]} != [ZX] ]] || return 1
  PARENT=${fields[1]}
  IDENTITY="${stat%% *} ${fields[19]} $boot"
}

# Sets HOLDER to the process id of the holder; fails where it does not run.
find_holder() {
  local recorded
  { read -r recorded <"$STATE/holder"; } 2>/dev/null || return 1
  identify_process "${recorded%% *}" && [[ $IDENTITY == "$recorded" ]] || return 1
  HOLDER=${recorded%% *}
}

require_holder() {
  require_state
  find_holder || fail "no cluster" "the one in $STATE does not run" "run hack/kubernetes.sh start --state $STATE"
}
