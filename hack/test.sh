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
cmake --build --preset asan --target tollgatectl tollgate-proxy push_hostile_test

passed=0
failed=0
skipped=0

# run_ctest LABEL [COMMAND…]: adds up one ctest run, from its own machine-readable report. With a COMMAND (sudo) ctest runs
# by that, told of the tests in a folder that goes away: it writes beside them, and nothing in build/ is to be root's.
run_ctest() {
  local label=$1 tests=build/release report complaint=0
  shift
  report=$(mktemp)
  if [ $# -gt 0 ]; then
    tests=$(mktemp -d)
    echo "subdirs(\"$root/build/release\")" >"$tests/CTestTestfile.cmake"
  fi
  echo "test: $label"
  "$@" ctest --test-dir "$tests" -L "^$label\$" -j "$(nproc)" --output-on-failure --no-tests=error \
    --output-junit "$report" | tail -n 40 || complaint=$?
  local counts
  counts=$(sed -n 's/.*<testsuite .*/&/p;/tests=/p' "$report" | tr '\n' ' ')
  local total bad skip
  total=$(grep -oE 'tests="[0-9]+"' <<<"$counts" | head -n 1 | grep -oE '[0-9]+' || echo 0)
  bad=$(grep -oE 'failures="[0-9]+"' <<<"$counts" | head -n 1 | grep -oE '[0-9]+' || echo 0)
  skip=$(grep -oE 'skipped="[0-9]+"' <<<"$counts" | head -n 1 | grep -oE '[0-9]+' || echo 0)
  # A skipped test says why.
  grep -hE -A 1 '^.*_test.cc:[0-9]+: Skipped' "$tests/Testing/Temporary/LastTest.log" || true
  rm -f "$report"
  if [ "$total" -eq 0 ]; then
    echo "test: no test of \"$label\" ran" >&2
    bad=1
    total=1
  fi
  # A test whose program is missing counts as skipped in the report; ctest itself knows better.
  if [ "$complaint" -ne 0 ] && [ "$bad" -eq 0 ]; then
    bad=$((skip > 0 ? skip : 1))
    skip=0
  fi
  passed=$((passed + total - bad - skip))
  failed=$((failed + bad))
  skipped=$((skipped + skip))
}

run_ctest unit
run_ctest feature
run_ctest sanitized
if ! $fast; then
  hack/kubernetes.sh build --node
  run_ctest cluster
  if $node; then run_ctest node "${node_as[@]}"; fi
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
