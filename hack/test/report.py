#!/usr/bin/env python3
"""What came of one ctest run: report.py JUNIT LOG COUNTS

Reads ctest's JUnit report, and prints the full text of each failure, the reason of each skip and what passing tests
measured; LOG is named as the place of the rest. Writes "PASSED FAILED SKIPPED" to COUNTS. An entry of ctest can be a
whole program: what counts are the tests in it, by what GoogleTest or unittest printed. Exits 0 whatever came of them.
"""

import re
import sys
import xml.etree.ElementTree

# Each test of GoogleTest that ended prints such a line; the list of failures at the end has no time in it.
ENDED = re.compile(r"\[ +(OK|FAILED|SKIPPED) +\] (\S+?),?(?: where .*)? \(\d+ ms\)")
UNITTEST = re.compile(r"^Ran (\d+) tests? in .*?^(OK|FAILED|NO TESTS RAN)(?: \((.*)\))?$", re.MULTILINE | re.DOTALL)
SKIP_REASON = re.compile(r"^\S+:\d+: Skipped\n(.*)$", re.MULTILINE)
# Said by the frame around a test, not by the test: GoogleTest's and unittest's own lines, logs, and what starts a cluster.
FRAME = re.compile(r"\[[-= ]{3}|\[ +(RUN|OK|FAILED|PASSED|SKIPPED) |Note: |Running main\(\)|Ran \d|\{|kubernetes\.sh: ")


class Entry:
    """A testcase of the report."""

    def __init__(self, case):
        # What a parameter is made of stands behind its name.
        self.name = case.get("name").split("  # ")[0]
        self.output = case.findtext("system-out") or ""
        skipped = case.find("skipped")
        # What could not be started is "skipped" in the report as well.
        self.left_out = case.get("status") == "disabled" or (
            skipped is not None and skipped.get("message", "").startswith("SKIP_"))
        self.failed = case.find("failure") is not None or (case.get("status") != "run" and not self.left_out)
        if self.failed and skipped is not None:
            self.output += f"\n{skipped.get('message', '')}\n"

    def counts(self):
        """passed, failed, skipped"""
        ended = [result for result, _ in ENDED.findall(self.output)]
        passed, failed, skipped = (ended.count(result) for result in ("OK", "FAILED", "SKIPPED"))
        for ran, _, rest in UNITTEST.findall(self.output):
            bad = sum(int(count) for _, count in re.findall(r"(failures|errors)=(\d+)", rest))
            left = sum(int(count) for count in re.findall(r"skipped=(\d+)", rest))
            passed, failed, skipped = passed + max(0, int(ran) - bad - left), failed + bad, skipped + left
        if self.failed:
            # A crash or a deadline ends no test.
            failed = max(failed, 1)
        elif passed + failed + skipped == 0:
            passed, skipped = (0, 1) if self.left_out else (1, 0)
        return passed, failed, skipped

    def measured(self):
        """Lines with a figure that tests themselves print."""
        said = SKIP_REASON.sub("", self.output).splitlines()
        return [line for line in said if re.search(r"\d", line) and not FRAME.match(line)]


def tell(title, lines):
    if lines:
        print(f"test: {title}")
        for line in lines:
            print(f"  {line}")


def main(junit, log, counts_file):
    entries = [Entry(case) for case in xml.etree.ElementTree.parse(junit).iter("testcase")]
    good = [entry for entry in entries if not entry.failed]
    tell("measured", [f"{entry.name}: {line}" for entry in good for line in entry.measured()])
    tell("skipped, and why", [f"{entry.name}: {reason}" for entry in entries
                              for reason in SKIP_REASON.findall(entry.output) or ["disabled"] * entry.left_out])
    for entry in entries:
        if entry.failed:
            print(f"test: FAILED {entry.name}\n{entry.output}")
    passed, failed, skipped = (sum(each) for each in zip((0, 0, 0), *(entry.counts() for entry in entries)))
    print(f"test: {passed} passed, {failed} failed, {skipped} skipped; all that they printed: {log}")
    with open(counts_file, "w", encoding="utf-8") as file:
        print(passed, failed, skipped, file=file)


if __name__ == "__main__":
    main(*sys.argv[1:])
