# shellcheck shell=bash
#
# build: the binaries, from Go modules that the folders beside this file pin, in the user's cache folder.
# Sourced by kubernetes.sh.
#
# `go install k8s.io/kubernetes/...@v` is refused because of the replace directives in that module.
# So each folder is a small module of our own that requires the release; its go.mod says which one and
# is the only place that does. A newer Kubernetes: change the version there, in every replace line as
# well, then `go mod tidy`.

# What the API needs, and what a whole node needs besides.
readonly API_PROGRAMS=(etcd kube-apiserver kubectl)
readonly NODE_PROGRAMS=(kube-controller-manager kube-scheduler kube-proxy kubelet)
readonly TOOL_PROGRAMS=(coredns helm kubeconform)

# module_version FOLDER MODULE: the version that go.mod requires, without its v.
module_version() {
  sed -nE "s|^(require)?[[:space:]]*$2 v([^ ]+).*|\2|p" "$PARTS/$1/go.mod"
}

KUBERNETES_VERSION=$(module_version kubernetes k8s.io/kubernetes)
ETCD_VERSION=$(module_version etcd go.etcd.io/etcd/server/v3)
CACHE_ROOT=${XDG_CACHE_HOME:-$(caller_home)/.cache}/tollgate
CACHE=$CACHE_ROOT/kubernetes-$KUBERNETES_VERSION-etcd-$ETCD_VERSION
BIN=$CACHE/bin
readonly KUBERNETES_VERSION ETCD_VERSION CACHE_ROOT CACHE BIN

# The tools have a folder of their own, so that a newer helm leaves the API's binaries as they are.
TOOLS_CACHE=$CACHE_ROOT/coredns-$(module_version coredns github.com/coredns/coredns)
TOOLS_CACHE+=-helm-$(module_version helm helm.sh/helm/v3)
TOOLS_CACHE+=-kubeconform-$(module_version kubeconform github.com/yannh/kubeconform)
TOOLS=$TOOLS_CACHE/bin
readonly TOOLS_CACHE TOOLS

# build_binaries NODE: those of the API and, where NODE is true, those of a node.
build_binaries() {
  local node=$1 name duration="4 to 5 minutes"
  have_binaries "$node" && { say "already built in $BIN"; return; }
  ! by_sudo || { build_as_caller "$node"; return; }
  require_commands flock
  mkdir -p "$BIN" "$TOOLS" || fail "cannot build" "$BIN cannot be made" "set XDG_CACHE_HOME to a folder that can"
  take_build_lock
  have_binaries "$node" && { say "built meanwhile in $BIN"; return; }
  local began=$EPOCHREALTIME
  find_go
  [[ $node == false ]] || duration="8 to 10 minutes"
  say "building into $BIN with $("$GO" version | cut -d' ' -f3); $duration with cold caches on 2 cores"
  list_programs "$node"
  for name in "${PROGRAMS[@]}"; do build_binary "$name"; done
  [[ $node == false ]] || build_node_images
  say "built in $(seconds_since "$began") s"
}

# build_as_caller NODE
build_as_caller() {
  local flags=()
  [[ $1 == false ]] || flags=(--node)
  as_caller "$SCRIPT" build "${flags[@]}"
}

# list_programs NODE: sets PROGRAMS.
list_programs() {
  PROGRAMS=("${API_PROGRAMS[@]}")
  [[ $1 == false ]] || PROGRAMS+=("${NODE_PROGRAMS[@]}" "${TOOL_PROGRAMS[@]}")
}

have_binaries() {
  local name
  list_programs "$1"
  for name in "${PROGRAMS[@]}"; do
    [[ -x $BIN/$name || -x $TOOLS/$name ]] || return 1
  done
  [[ $1 == false || -e $NODE_IMAGES/pause.tar && -e $NODE_IMAGES/coredns.tar ]]
}

# Held until this process and the compiler it started end, so a killed build cannot meet a new one.
take_build_lock() {
  local lock
  exec {lock}>"$CACHE_ROOT/kubernetes.lock"
  flock --nonblock "$lock" && return
  say "waiting for a build that another process runs"
  flock "$lock"
}

# What `kubectl version` and /version show; unset they would say v0.0.0, which clients take as too old.
kubernetes_ldflags() {
  local major minor
  IFS=. read -r major minor _ <<<"$KUBERNETES_VERSION"
  printf '%s ' -s -w \
    "-X k8s.io/component-base/version.gitVersion=v$KUBERNETES_VERSION" \
    "-X k8s.io/component-base/version.gitMajor=$major" \
    "-X k8s.io/component-base/version.gitMinor=$minor" \
    "-X k8s.io/client-go/pkg/version.gitVersion=v$KUBERNETES_VERSION"
}

# describe_program NAME: sets MODULE (its folder here), PACKAGE, OUT, LDFLAGS, and DURATION as seen on
# 2 cores, each after those before it.
describe_program() {
  MODULE=kubernetes PACKAGE=k8s.io/kubernetes/cmd/$1 OUT=$BIN LDFLAGS=$(kubernetes_ldflags)
  case $1 in
    kube-apiserver) DURATION="200 s" ;;
    kubectl) DURATION="30 s" ;;
    kube-controller-manager) DURATION="60 s" ;;
    kube-scheduler | kube-proxy) DURATION="10 s" ;;
    kubelet) DURATION="40 s" ;;
    *) MODULE=$1 OUT=$TOOLS LDFLAGS="-s -w" ;;
  esac
  case $1 in
    etcd) PACKAGE=go.etcd.io/etcd/server/v3 OUT=$BIN DURATION="45 s" ;;
    coredns) PACKAGE=. DURATION="100 s" ;;
    helm)
      PACKAGE=helm.sh/helm/v3/cmd/helm DURATION="60 s"
      LDFLAGS+=" -X helm.sh/helm/v3/internal/version.version=v$(module_version helm helm.sh/helm/v3)"
      ;;
    kubeconform) PACKAGE=github.com/yannh/kubeconform/cmd/kubeconform DURATION="5 s" ;;
  esac
}

# build_binary NAME: appears under its name whole or not at all.
build_binary() {
  local name=$1 began=$EPOCHREALTIME
  describe_program "$name"
  local log=${OUT%/bin}/build-$name.log
  [[ -x $OUT/$name ]] && return
  say "building $name (about $DURATION)"
  (cd "$PARTS/$MODULE" && "$GO" build -mod=readonly -trimpath -ldflags "$LDFLAGS" -o "$OUT/.$name.new" "$PACKAGE") \
    >"$log" 2>&1 ||
    fail "cannot build $name" "$(last_line "$log")" "see $log, then run hack/kubernetes.sh build again"
  mv "$OUT/.$name.new" "$OUT/$name"
  say "built $name in $(seconds_since "$began") s"
}

# require_binaries NODE
require_binaries() {
  have_binaries "$1" && return
  local flag=''
  [[ $1 == false ]] || flag=' --node'
  fail "cannot start" "$BIN or $TOOLS lacks binaries" "run hack/kubernetes.sh build$flag (minutes, once)"
}
