# shellcheck shell=bash
#
# The control groups of a node's pods, below one group of its own. The one thing of a node that lies
# outside its state folder and its namespaces. Sourced by kubernetes.sh.

readonly CGROUPS=/sys/fs/cgroup

# By the state folder, so that nodes run side by side and that `stop` finds what a crash has left.
cgroup_name() { printf 'tollgate-%s' "$(printf '%s' "$STATE" | sha256sum | cut -c 1-12)"; }

make_cgroups() {
  local name
  name=$(cgroup_name)
  if [[ -e $CGROUPS/cgroup.controllers ]]; then
    make_unified_cgroup "$CGROUPS/$name"
  else
    make_separate_cgroups "$name"
  fi
}

# cgroup v2: a group has the controllers that its parent hands on. Those that the machine hands on
# already stay so; none is taken away again, since another program may have come to rely on it.
make_unified_cgroup() {
  local controller
  for controller in cpuset cpu io memory hugetlb pids; do
    printf '+%s' "$controller" >"$CGROUPS/cgroup.subtree_control" 2>/dev/null || true
  done
  mkdir -p "$1" || fail "cannot start a node" "$1 cannot be made" "run where control groups may be changed"
}

# cgroup v1: a tree for each controller. A group of cpuset is of no use before it has CPUs and memory.
make_separate_cgroups() {
  local name=$1 tree file
  for tree in "$CGROUPS"/*/; do
    [[ -e $tree/cgroup.procs ]] || continue
    mkdir -p "$tree/$name" || fail "cannot start a node" "$tree/$name cannot be made" "run where control groups may be changed"
  done
  for file in cpuset.cpus cpuset.mems; do
    [[ ! -e $CGROUPS/cpuset/$file ]] || cat "$CGROUPS/cpuset/$file" >"$CGROUPS/cpuset/$name/$file"
  done
}

# The processes are gone by now, but the kernel takes a moment to let their groups go.
remove_cgroups() {
  local name deadline=$((SECONDS + 30)) group groups
  name=$(cgroup_name)
  while true; do
    groups=()
    for group in "$CGROUPS/$name" "$CGROUPS"/*/"$name"; do
      [[ ! -d $group ]] || groups+=("$group")
    done
    ((${#groups[@]} > 0)) || return 0
    ((SECONDS < deadline)) || fail "cannot stop" "${groups[0]} is still in use after 30 s" "end what cgroup.procs in it names"
    find "${groups[@]}" -depth -type d -exec rmdir {} + 2>/dev/null || sleep 0.1
  done
}
