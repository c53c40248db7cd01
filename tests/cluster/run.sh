#!/usr/bin/env bash
# Runs a command in a Kubernetes API of its own, or on a node of its own, which is gone afterwards:
# run.sh [--node] COMMAND [ARGUMENT...]
set -euo pipefail
kubernetes=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/hack/kubernetes.sh
node=()
if [ "${1:-}" = --node ]; then
  node=(--node)
  shift
fi
state=$(mktemp -d)
# The folder is made by `start`, which refuses one that it did not make.
rmdir "$state"
trap '"$kubernetes" stop --state "$state"' EXIT
"$kubernetes" start "${node[@]}" --state "$state"
"$kubernetes" exec --state "$state" "$@"
