#!/usr/bin/env bash
# Tollgate on this machine, from nothing: installs what is missing, builds, starts an example upstream and the
# gateway on examples/quickstart/, and says what to try. Ctrl-C ends it all.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: hack/run.sh [--port PORT] [--yes]
  --port PORT   where the gateway listens on 127.0.0.1 (default 8080); metrics are at PORT + 1000
  --yes         do not ask before installing packages
TEXT
}

fail() {
  echo "run.sh: $1" >&2
  exit "${2:-1}"
}

port=8080
setup_flags=()
while [ $# -gt 0 ]; do
  case $1 in
    --port)
      [ $# -ge 2 ] || fail "--port needs a number" 2
      port=$2
      shift
      ;;
    --yes) setup_flags+=(--yes) ;;
    --help) usage; exit 0 ;;
    *) fail "unknown argument \"$1\"; --help lists what there is" 2 ;;
  esac
  shift
done
[[ $port =~ ^[0-9]+$ && $port -ge 1 && $port -le 64535 ]] || fail "--port \"$port\" is no port from 1 to 64535" 2

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
hack/setup.sh "${setup_flags[@]}"

echo "run: building (about 6 minutes the first time on 2 cores, seconds after that)"
cmake --preset release >/dev/null
cmake --build --preset release --target tollgatectl tollgate-echo

state=$(mktemp -d)
children=()
# shellcheck disable=SC2317  # called by the trap
stop() {
  trap - EXIT INT TERM
  for child in "${children[@]}"; do kill -TERM "$child" 2>/dev/null || true; done
  wait
  rm -rf "$state"
  echo "run: stopped"
}
trap stop EXIT
trap 'exit 0' INT TERM

# Starts a program in the background and waits until it has written its port file.
start() {
  local name=$1
  shift
  "$@" --port-file "$state/$name.ports" &
  local child=$!
  children+=("$child")
  until [ -f "$state/$name.ports" ]; do
    kill -0 "$child" 2>/dev/null || fail "$name did not start; its message stands above"
    sleep 0.1
  done
}

metrics=$((port + 1000))
start upstream build/release/bin/tollgate-echo --address 127.0.0.1:9000 --name quotes
start gateway build/release/bin/tollgatectl run examples/quickstart \
  --http-address "127.0.0.1:$port" --metrics-address "127.0.0.1:$metrics" --access-log "$state/access.log"

cat <<TEXT

Tollgate is running. Try, in another terminal:

  # with alice's key (plan free): 200, answered by the upstream, which sees who calls and not the key
  curl -i http://127.0.0.1:$port/v1/quotes/ACME -H 'Host: api.example.com' -H 'X-Api-Key: demo-free-0123456789abcdef'
  # the same again within ten seconds: 200 from the cache (Cache-Status: tollgate; hit)
  # without a key: 401; with bob's (plan gold): 200
  curl -i http://127.0.0.1:$port/v1/quotes/ACME -H 'Host: api.example.com'
  curl -i http://127.0.0.1:$port/v1/quotes/ACME -H 'Host: api.example.com' -H 'X-Api-Key: demo-gold-0123456789abcdef'
  # an operation that the free plan does not include: 403
  curl -i http://127.0.0.1:$port/v1/orders -d '{}' -H 'Host: api.example.com' -H 'X-Api-Key: demo-free-0123456789abcdef'
  # the sixth request within a second on the free plan: 429 with Retry-After
  for i in 1 2 3 4 5 6; do curl -s -o /dev/null -w '%{http_code}\n' http://127.0.0.1:$port/v1/quotes/N\$i -H 'Host: api.example.com' -H 'X-Api-Key: demo-free-0123456789abcdef'; done
  # a route that needs no key: 200
  curl -i http://127.0.0.1:$port/status -H 'Host: api.example.com'

  metrics     http://127.0.0.1:$metrics/metrics
  readiness   http://127.0.0.1:$metrics/readyz
  access log  $state/access.log

Edit a file in examples/quickstart/ and the change is live at once. Ctrl-C stops everything.
TEXT
wait -n "${children[@]}" || true
fail "a part has ended by itself; its message stands above"
