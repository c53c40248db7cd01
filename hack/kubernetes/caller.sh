# shellcheck shell=bash
#
# Whoever typed the command. A node needs root, a build does not: behind sudo, what is built is built as the caller and
# lies in the caller's folders, so that no later build meets files of root. Sourced by kubernetes.sh.

# Not where the clone is somebody else's, root's perhaps: the caller could not write there.
by_sudo() {
  ((EUID == 0)) && [[ -n ${SUDO_USER:-} && $SUDO_USER != root && $(stat --format %U -- "$PROJECT") == "$SUDO_USER" ]]
}

# sudo itself sets HOME to root's, or with -E does not.
caller_home() {
  local home=${HOME:-}
  ! by_sudo || home=$(getent passwd "$SUDO_USER" | cut -d: -f6)
  printf '%s' "${home:?kubernetes.sh: set HOME or XDG_CACHE_HOME: the cache folder depends on it}"
}

# as_caller COMMAND...
as_caller() {
  if by_sudo; then
    runuser --user "$SUDO_USER" -- env "HOME=$(caller_home)" "$@"
  else
    "$@"
  fi
}
