#!/usr/bin/env bash
# Installs Debian packages as root and leaves their services alone: install.sh PACKAGE... Debian starts a service as
# soon as its package is there, and again at each boot; nginx, Prometheus and the like would take ports of this machine
# that nobody meant to give away. Called by hack/setup.sh.
set -euo pipefail

readonly POLICY=/usr/sbin/policy-rc.d UNITS=/lib/systemd/system
readonly MARK="# Of Tollgate's hack/setup.sh while it installs; to be removed if it is still here after that."

services() { find "$UNITS" -maxdepth 1 -name '*.service' -printf '%f\n' 2>/dev/null | sort; }

# Asked by every package's script before it starts a service; 101 forbids it. One that is there already is the
# machine's own rule, and stays. One of ours that a killed run has left is ours to take away.
forbid_starts() {
  if [[ -e $POLICY ]] && ! grep -qF "$MARK" "$POLICY"; then return; fi
  trap 'rm -f "$POLICY"' EXIT
  trap 'exit 130' INT TERM
  printf '#!/bin/sh\n%s\nexit 101\n' "$MARK" >"$POLICY"
  chmod 755 "$POLICY"
}

# disable_services NAME...: those that came by now and are enabled. Where the machine's own rule let one start, it ends.
disable_services() {
  local unit options=(--quiet)
  command -v systemctl >/dev/null || return 0
  [[ ! -d /run/systemd/system ]] || options+=(--now)
  for unit in "$@"; do
    [[ $(systemctl is-enabled "$unit" 2>/dev/null) == enabled ]] || continue
    systemctl disable "${options[@]}" "$unit" 2>/dev/null ||
      echo "setup: $unit could not be disabled; disable it by: systemctl disable --now $unit" >&2
    echo "setup: $unit is installed and not started; to use it: systemctl enable --now $unit"
  done
}

before=$(services)
forbid_starts
outcome=0
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends --no-remove -o Dpkg::Progress-Fancy=0 "$@" ||
  outcome=$?
# Also where the installation broke off in the middle.
mapfile -t new < <(comm -13 <(echo "$before") <(services))
disable_services "${new[@]}"
exit "$outcome"
