#!/usr/bin/env bash
# Builds the fuzzers (tests/fuzz/) with clang and runs them, two at a time. What they find stays in build/fuzz, beside the
# seeds that tests/fuzz/corpus keeps. Not part of hack/test.sh.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: hack/fuzz.sh [--seconds N]
  --seconds N   how long each of the fuzzers runs (60)
Exit: 0 nothing was found; 1 a fuzzer found something, or cannot run; 2 wrong use.
TEXT
}

fail() {
  echo "fuzz.sh: $1" >&2
  exit "${2:-1}"
}

seconds=60
while [ $# -gt 0 ]; do
  case $1 in
    --seconds)
      [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || fail "--seconds wants a number" 2
      seconds=$2
      shift
      ;;
    --help) usage; exit 0 ;;
    *) fail "unknown argument \"$1\"; --help lists what there is" 2 ;;
  esac
  shift
done

# Not among what hack/setup.sh installs: a compiler of half a gigabyte, which nothing else needs.
if ! command -v clang++ >/dev/null || ! [ -e /usr/share/llhttp/llhttp.c ]; then
  fail "clang++ or llhttp's sources are missing; apt-get install clang node-llhttp"
fi

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
cmake -B build/fuzz -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DTOLLGATE_FUZZ=ON -DTOLLGATE_FUZZ_SECONDS="$seconds" >/dev/null
cmake --build build/fuzz --target fuzzers
ctest --test-dir build/fuzz -L fuzz -j 2 --output-on-failure
