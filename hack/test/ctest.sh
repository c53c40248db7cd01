#!/usr/bin/env bash
# Sourced by hack/test.sh: one ctest run after the other, each with a log of its own, added up.
# shellcheck disable=SC2154  # "root" is that of test.sh

passed=0
failed=0
skipped=0

# run_ctest BUILD LABEL [COMMAND…]: ctest's tests of a label in a build folder; with a COMMAND (sudo) by that. ctest writes
# beside the tests that it is told of, so it is told of them in a folder that goes away: nothing in BUILD becomes root's,
# and no run writes over what another has printed. What stays is BUILD/Testing/LABEL.log and .xml.
run_ctest() {
  local build=$1 label=$2 kept=$1/Testing/$2 folder complaint=0 options=()
  shift 2
  echo "test: $label"
  folder=$(mktemp -d)
  mkdir -p "$build/Testing"
  rm -f "$kept".{log,xml,counts}
  echo "subdirs(\"$(realpath "$build")\")" >"$folder/CTestTestfile.cmake"
  if [ -t 1 ]; then options=(--progress); else options=(--quiet); fi
  # What tests print is cut in the report unless it is told otherwise.
  "$@" ctest --test-dir "$folder" -L "^$label\$" -j "$(nproc)" --no-tests=error --output-junit "$folder/report.xml" \
    --test-output-size-passed 10000000 --test-output-size-failed 10000000 "${options[@]}" || complaint=$?
  cp "$folder/report.xml" "$kept.xml" || true
  cp "$folder/Testing/Temporary/LastTest.log" "$kept.log" || true
  "$@" rm -rf "$folder"
  add_up "$kept" "$complaint"
}

# add_up KEPT COMPLAINT: where ctest complains (COMPLAINT is not 0) and no test of its report failed, that is a failure too:
# no test had the label, or the report is not whole.
add_up() {
  local kept=$1 complaint=$2 good=0 bad=0 left=0
  python3 -B "$root/hack/test/report.py" "$kept.xml" "$kept.log" "$kept.counts" &&
    read -r good bad left <"$kept.counts"
  if [ "$bad" -eq 0 ] && { [ "$complaint" -ne 0 ] || [ $((good + left)) -eq 0 ]; }; then
    echo "test: FAILED ctest itself (exit $complaint): no test ran, or its report is not whole; see $kept.log" >&2
    bad=1
  fi
  passed=$((passed + good))
  failed=$((failed + bad))
  skipped=$((skipped + left))
}
