#!/usr/bin/env bash
# testssl.sh, as Debian has it, against a gateway of its own. Run by hack/conformance.sh testssl.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
command -v testssl >/dev/null || {
  echo "testssl.sh: there is no program testssl; run hack/setup.sh, which installs Debian's package testssl.sh" >&2
  exit 1
}
exec python3 -B "$root/tests/conformance/testssl.py" "$root/build/release/bin"
