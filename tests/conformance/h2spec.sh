#!/usr/bin/env bash
# h2spec, built once from the Go modules that h2spec/ pins, in strict mode against a gateway of its own.
# Run by hack/conformance.sh h2spec.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PARTS=$root/hack/kubernetes
CACHE_ROOT=${XDG_CACHE_HOME:-$HOME/.cache}/tollgate
say() { printf 'h2spec.sh: %s\n' "$*"; }
fail() {
  say "$1: $2; $3" >&2
  exit 1
}
# shellcheck source=hack/kubernetes/go.sh
source "$PARTS/go.sh"

version=$(sed -nE 's|^require github.com/summerwind/h2spec v([^ +]+).*|\1|p' "$root/tests/conformance/h2spec/go.mod")
folder=$CACHE_ROOT/h2spec-$version
if ! [ -x "$folder/h2spec" ]; then
  mkdir -p "$folder"
  find_go
  say "building h2spec $version into $folder (half a minute)"
  (cd "$root/tests/conformance/h2spec" &&
    "$GO" build -mod=readonly -trimpath -o "$folder/.new" github.com/summerwind/h2spec/cmd/h2spec) \
    >"$folder/build.log" 2>&1 || fail "cannot build h2spec" "$(last_line "$folder/build.log")" "see $folder/build.log"
  mv "$folder/.new" "$folder/h2spec"
fi
exec python3 -B "$root/tests/conformance/h2spec.py" "$folder/h2spec" "$root/build/release/bin"
