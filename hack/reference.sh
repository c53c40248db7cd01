#!/usr/bin/env bash
# Writes docs/reference from what the programs say of themselves; with --check, says whether it is up to date.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: hack/reference.sh [--check] [FOLDER]
  --check   write nothing; fail where docs/reference is not what the programs say
  FOLDER    where the programs are; default: build/release/bin
TEXT
}

fail() {
  echo "reference.sh: $1" >&2
  exit "${2:-1}"
}

check=false
programs=
for argument in "$@"; do
  case $argument in
    --check) check=true ;;
    --help) usage; exit 0 ;;
    -*) fail "unknown argument \"$argument\"; --help lists what there is" 2 ;;
    *) programs=$(realpath "$argument") ;;
  esac
done
cd "$(dirname "${BASH_SOURCE[0]}")/.."
programs=${programs:-$PWD/build/release/bin}
for program in tollgate-controller tollgate-proxy tollgate-reference tollgatectl; do
  [[ -x $programs/$program ]] || fail "$programs/$program is not there; build it: cmake --build --preset release"
done

written=$(mktemp -d)
gateway=
finish() {
  [[ -z $gateway ]] || kill "$gateway" 2>/dev/null || true
  rm -rf "$written"
}
trap finish EXIT

note() {
  printf '# %s\n\n<!-- Written by hack/reference.sh from what the programs say: edit the code, then run it. -->\n\n' "$1"
}

# What a default takes from this machine is named, not shown.
help() {
  # shellcheck disable=SC2016 # Markdown's quotes
  printf '\n## %s\n\n```\n' "$*"
  "$programs/$1" "${@:2}" --help |
    sed -E 's/(--threads UINT=)[0-9]+/\1CORES/; s/(--proxy-name TEXT=)[^ ]+/\1HOSTNAME/'
  # shellcheck disable=SC2016
  printf '```\n'
}

flags() {
  note "Flags"
  cat <<'TEXT'
A flag counts before the environment, the environment before the file that `--config` names, that before the default. A
list takes its values with commas between them. Exit codes: 0 done, 1 failed, 2 wrong use, 3 refused input, 130
interrupted.
TEXT
  help tollgate-controller
  help tollgate-proxy
  help tollgatectl
  help tollgatectl run
}

# A route with a certificate.
certificate() {
  mkdir "$written/tls"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=tls.example.com \
    -keyout "$written/tls.key" -out "$written/tls.crt" 2>/dev/null
  cat >"$written/tls/all.yaml" <<YAML
apiVersion: v1
kind: Secret
metadata: {name: tls, namespace: market}
type: kubernetes.io/tls
data: {tls.crt: $(base64 -w0 "$written/tls.crt"), tls.key: $(base64 -w0 "$written/tls.key")}
---
apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: tls, namespace: market}
spec:
  hosts: [tls.example.com]
  tls: {certificateRefs: [{name: tls}]}
  access: Public
  rules: [{name: all, upstream: {targets: [{serviceRef: {name: quotes, port: http}}]}}]
YAML
}

# A gateway on the quickstart, with stores that nobody runs and a certificate: they have metrics of their own.
metrics() {
  certificate
  "$programs/tollgatectl" run examples/quickstart "$written/tls" --http-address=127.0.0.1:0 --https-address=127.0.0.1:0 \
    --metrics-address=127.0.0.1:0 --limits-store=redis://127.0.0.1:1/0 --cache-store=redis://127.0.0.1:1/0 --access-log=off \
    --port-file="$written/ports" 2>"$written/said" &
  gateway=$!
  for _ in {1..200}; do
    [[ -e $written/ports ]] && break
    kill -0 "$gateway" 2>/dev/null || fail "the gateway ended at once: $(tail -n 1 "$written/said")"
    sleep 0.05
  done
  local port
  port=$(sed -n 's/^metrics=//p' "$written/ports")
  note "Metrics"
  curl --silent --fail "http://127.0.0.1:$port/metrics" | "$programs/tollgate-reference" metrics
}

problems() {
  note "Problem types"
  "$programs/tollgate-reference" problems
}

pages=(flags metrics problems)
for page in "${pages[@]}"; do
  "$page" >"$written/$page.md"
done
if $check; then
  for page in "${pages[@]}"; do
    diff -u "docs/reference/$page.md" "$written/$page.md" ||
      fail "docs/reference/$page.md is not what the programs say; run hack/reference.sh"
  done
  echo "reference: docs/reference is what the programs say"
else
  mkdir -p docs/reference
  for page in "${pages[@]}"; do
    cp "$written/$page.md" docs/reference/
  done
fi
