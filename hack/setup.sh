#!/usr/bin/env bash
# Installs what building, running and testing Tollgate needs on Debian 12: the packages of hack/packages.txt.
# Idempotent: what is there already is left alone. Says what it is about to do and asks, unless --yes.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: hack/setup.sh [--yes]
  --yes   do not ask before installing
Installs the Debian packages of hack/packages.txt that are missing, and starts no service of theirs. Needs root, or sudo.
TEXT
}

fail() {
  echo "setup.sh: $1" >&2
  exit "${2:-1}"
}

yes=false
for argument in "$@"; do
  case $argument in
    --yes) yes=true ;;
    --help) usage; exit 0 ;;
    *) fail "unknown argument \"$argument\"; --help lists what there is" 2 ;;
  esac
done

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

command -v apt-get >/dev/null || fail "there is no apt-get: this needs Debian 12 (or a container of it)"

mapfile -t wanted < <(grep -vE '^[[:space:]]*(#|$)' "$here/packages.txt")
# What an installed package provides counts as well: Docker's own containerd.io stands for containerd and runc.
installed=$(dpkg-query -W -f='${db:Status-Abbrev}${Package}, ${Provides}\n' | sed -n 's/^ii *//p' |
  tr ',' '\n' | sed -nE 's/^ *([^ ]+).*/\1/p' | sort -u)
mapfile -t missing < <(comm -23 <(printf '%s\n' "${wanted[@]}" | sort -u) <(echo "$installed"))
if [ "${#missing[@]}" -eq 0 ]; then
  echo "setup: everything is installed already"
  exit 0
fi

echo "setup: ${#missing[@]} Debian packages are missing: ${missing[*]}"
echo "setup: downloading and installing them takes about 2 minutes and 1.5 GB"
echo "setup: no service that comes with them is started, now or at the next boot; nothing listens after this"
if ! $yes && [ -t 0 ]; then
  read -r -p "Install them now? [y/N] " answer
  case $answer in y | Y | yes) ;; *) fail "nothing was installed; run again and answer y, or give --yes" ;; esac
elif ! $yes; then
  fail "there is no terminal to ask on; give --yes to install"
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || fail "installing needs root: run as root or install sudo"
  as_root=(sudo)
fi
started=$SECONDS
"${as_root[@]}" apt-get update -qq || fail "apt-get update failed; see its message above"
"${as_root[@]}" "$here/setup/install.sh" "${missing[@]}" ||
  fail "apt-get could not install the packages without removing others; see its message above"
echo "setup: done in $((SECONDS - started)) s"
