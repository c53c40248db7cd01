#!/usr/bin/env bash
# Tollgate on this machine, from nothing: installs what is missing, builds, starts an example upstream and the
# gateway on examples/quickstart/, and says what to try. Ctrl-C ends it all.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: hack/run.sh [--port PORT] [--kubernetes] [--programs DIR] [--yes]
  --port PORT      where the gateway listens on 127.0.0.1 (default 8080); HTTPS is at PORT + 363, metrics are
                   at PORT + 1000
  --kubernetes     a controller and two proxies on a real kube-apiserver and etcd instead, in a network of their own
                   (builds these once: about 5 minutes)
  --programs DIR   take the programs in DIR as they are, and neither install nor build anything
  --yes            do not ask before installing packages
TEXT
}

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=hack/run/children.sh
source hack/run/children.sh
# shellcheck source=hack/run/embedded.sh
source hack/run/embedded.sh
# shellcheck source=hack/run/cluster.sh
source hack/run/cluster.sh

port=8080
kubernetes=false
programs=
setup_flags=()
while [ $# -gt 0 ]; do
  case $1 in
    --port)
      [ $# -ge 2 ] || fail "--port needs a number" 2
      port=$2
      shift
      ;;
    --programs)
      [ $# -ge 2 ] || fail "--programs needs a folder" 2
      programs=$(cd "$OLDPWD" && realpath --canonicalize-missing -- "$2")
      shift
      ;;
    --kubernetes) kubernetes=true ;;
    --yes) setup_flags+=(--yes) ;;
    --help) usage; exit 0 ;;
    *) fail "unknown argument \"$1\"; --help lists what there is" 2 ;;
  esac
  shift
done
[[ $port =~ ^[0-9]+$ && $port -ge 1 && $port -le 64535 ]] || fail "--port \"$port\" is no port from 1 to 64535" 2

targets=(tollgatectl tollgate-echo)
if $kubernetes; then targets+=(tollgate-controller tollgate-proxy); fi
if [ -z "$programs" ]; then
  hack/setup.sh "${setup_flags[@]}"
  echo "run: building (about 15 minutes the first time on 2 cores, seconds after that)"
  cmake --preset release >/dev/null
  cmake --build --preset release --target "${targets[@]}"
  programs=build/release/bin
fi
for target in "${targets[@]}"; do
  [ -x "$programs/$target" ] || fail "$programs/$target is not there; run hack/run.sh without --programs"
done

if $kubernetes; then
  run_cluster
else
  run_embedded "$port"
fi
