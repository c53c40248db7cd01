#!/usr/bin/env bash
# Builds Tollgate and runs its tests, from nothing: unit, feature, cluster and node. Closes with one line,
# "N passed, N failed, N skipped". A part that cannot run is a failure, never silently left out.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: hack/test.sh [--fast] [--without-node] [--yes]
  --fast           unit and feature tests alone: no Kubernetes
  --without-node   not those on a whole Kubernetes node, which needs root (sudo is asked for) and control groups
  --yes            do not ask before installing packages
TEXT
}

fail() {
  echo "test.sh: $1" >&2
  exit "${2:-1}"
}

fast=false
node=true
setup_flags=()
for argument in "$@"; do
  case $argument in
    --fast) fast=true ;;
    --without-node) node=false ;;
    --yes) setup_flags+=(--yes) ;;
    --help) usage; exit 0 ;;
    *) fail "unknown argument \"$argument\"; --help lists what there is" 2 ;;
  esac
done

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# shellcheck source=hack/test/ctest.sh
source hack/test/ctest.sh

# Asked now, not after an hour. Only the tests on a node run as root: what is built and written stays the user's.
node_as=()
if $node && ! $fast && [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null ||
    fail "the tests on a Kubernetes node need root; run as root, install sudo, or leave them out by --without-node"
  echo "test: the tests on a Kubernetes node, the last, run as root: sudo may ask for your password, now and then again"
  sudo --validate || fail "sudo does not make you root; run as root, or leave the node out by --without-node"
  node_as=(sudo env "XDG_CACHE_HOME=${XDG_CACHE_HOME:-$HOME/.cache}" PYTHONDONTWRITEBYTECODE=1)
fi

hack/setup.sh "${setup_flags[@]}"

# Objects are found again in ccache from any checkout, not only from this one.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1

echo "test: building (about 20 minutes from nothing on 2 cores, seconds after that)"
cmake --preset release >/dev/null
cmake --build --preset release
cmake --preset asan >/dev/null
cmake --build --preset asan --target sanitized_programs

run_ctest build/release unit
run_ctest build/release feature
run_ctest build/release sanitized
if ! $fast; then
  hack/kubernetes.sh build --node
  run_ctest build/release cluster
  if $node; then run_ctest build/release node "${node_as[@]}"; fi
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
