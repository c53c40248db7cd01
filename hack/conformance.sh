#!/usr/bin/env bash
# Runs a suite that others wrote, or that takes minutes, against the gateway, and prints what it says.
# docs/conformance.md keeps the last results and explains what is missed. Not part of hack/test.sh.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: hack/conformance.sh [--yes] SUITE...
  h2spec         HTTP/2 in strict mode, about half a minute
  websocket      the Python packages websockets and autobahn, directly and through the gateway, a minute
  testssl        TLS for callers by testssl.sh, a minute or two
  slow_clients   slowhttptest's attacks beside good requests, about 3 minutes
  floods         floods of cheap HTTP/2 frames beside good requests, 10 minutes
  streaming      10 GiB each way, server-sent events, 1,000 slow readers, about 3 minutes
  no_drop        2,000 requests a second while configurations, certificates, upstreams and the gateway change, a minute
  --yes          do not ask before installing packages
Those that measure want a machine that does nothing else.
Exit: 0 all cases pass but for those that docs/conformance.md explains; 1 others fail; 2 wrong use.
TEXT
}

fail() {
  echo "conformance.sh: $1" >&2
  exit "${2:-1}"
}

suites=()
setup_flags=()
for argument in "$@"; do
  case $argument in
    h2spec | slow_clients | floods | streaming | no_drop | websocket | testssl) suites+=("$argument") ;;
    --yes) setup_flags+=(--yes) ;;
    --help) usage; exit 0 ;;
    *) fail "unknown argument \"$argument\"; --help lists what there is" 2 ;;
  esac
done
[ "${#suites[@]}" -gt 0 ] || fail "a suite is missing; --help lists them" 2

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
hack/setup.sh "${setup_flags[@]}"
cmake --preset release >/dev/null
cmake --build --preset release --target tollgatectl tollgate-echo >&2
for suite in "${suites[@]}"; do
  if [ -e "tests/conformance/$suite.sh" ]; then
    "tests/conformance/$suite.sh"
  else
    python3 -B "tests/conformance/$suite.py" "$root/build/release/bin"
  fi
done
