#!/usr/bin/env bash
# Sourced by hack/run.sh: programs in the background that end with the script.

fail() {
  echo "run.sh: $1" >&2
  exit "${2:-1}"
}

state=$(mktemp -d)
children=()
# What else has to be undone at the end: a command, or nothing.
at_end=()

# shellcheck disable=SC2317  # called by the trap
stop_children() {
  trap - EXIT INT TERM
  for child in "${children[@]}"; do kill -TERM "$child" 2>/dev/null || true; done
  wait
  if [ "${#at_end[@]}" -gt 0 ]; then "${at_end[@]}"; fi
  rm -rf "$state"
  if [ "${#children[@]}" -gt 0 ]; then echo "run: stopped"; fi
}
trap stop_children EXIT
trap 'exit 0' INT TERM

# start NAME COMMAND…: runs it with --port-file and waits until that is written.
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

# Until Ctrl-C, or until a part ends by itself.
await_end() {
  wait -n "${children[@]}" || true
  fail "a part has ended by itself; its message stands above"
}
