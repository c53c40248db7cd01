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

# launch COMMAND…: runs it in the background.
launch() {
  "$@" &
  children+=("$!")
}

# await_child NAME TEST…: until TEST succeeds of what was launched last.
await_child() {
  local name=$1 child=${children[-1]}
  shift
  until "$@"; do
    kill -0 "$child" 2>/dev/null || fail "$name did not start; its message stands above"
    sleep 0.1
  done
}

# start NAME COMMAND…: one of Tollgate's programs, which write --port-file as soon as they listen.
start() {
  local name=$1
  shift
  launch "$@" --port-file "$state/$name.ports"
  await_child "$name" test -f "$state/$name.ports"
}

# Until Ctrl-C, or until a part ends by itself.
await_end() {
  wait -n "${children[@]}" || true
  fail "a part has ended by itself; its message stands above"
}
