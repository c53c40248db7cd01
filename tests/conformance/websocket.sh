#!/usr/bin/env bash
# The Python packages "websockets" and "autobahn", installed once from PyPI as websocket-requirements.txt pins them, against
# a gateway of its own. Run by hack/conformance.sh websocket.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
requirements=$root/tests/conformance/websocket-requirements.txt
fail() {
  printf 'websocket.sh: %s: %s; %s\n' "$@" >&2
  exit 1
}

version=$(sha256sum "$requirements" | cut -c 1-12)
venv=${XDG_CACHE_HOME:-$HOME/.cache}/tollgate/websocket-$version
log=$venv.log
if ! [ -e "$venv/whole" ]; then
  mkdir -p "$(dirname "$venv")"
  python3 -m venv --clear "$venv" >"$log" 2>&1 ||
    fail "cannot install the clients" "$(tail -n 1 "$log")" "install python3-venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes --requirement "$requirements" >"$log" 2>&1 ||
    fail "cannot install the clients" "$(tail -n 1 "$log")" "check pip's access to its index"
  touch "$venv/whole"
fi
exec "$venv/bin/python" -B "$root/tests/conformance/websocket.py" "$root/build/release/bin"
