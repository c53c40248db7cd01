#!/usr/bin/env bash
# The feature suite on programs that ThreadSanitizer watches: a race ends the program that has it, and so fails the test.
# Not part of hack/test.sh, since it takes a third build of everything.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: hack/races.sh [FILTER]
  FILTER   the tests to run, as GoogleTest writes them (all)
Exit: 0 no test failed and nothing raced; 1 otherwise; 2 wrong use.
TEXT
}

case ${1:-} in
  --help) usage; exit 0 ;;
  -*) echo "races.sh: unknown argument \"$1\"; --help lists what there is" >&2; exit 2 ;;
esac

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
cmake --preset release >/dev/null
cmake --build --preset release --target feature_test grpc_test
cmake --preset tsan >/dev/null
cmake --build --preset tsan --target tollgatectl tollgate-proxy tollgate-echo

export TSAN_OPTIONS=halt_on_error=1 TOLLGATE_PROGRAMS=$root/build/tsan/bin
for program in feature_test grpc_test; do
  "build/release/bin/$program" --gtest_brief=1 --gtest_filter="${1:-*}"
done
