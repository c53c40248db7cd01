"""What hack/test.sh says of its tests: real ones are counted, failures are shown whole, figures and reasons are shown."""

import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

GOOGLETEST = """[==========] Running 4 tests from 1 test suite.
[ RUN      ] Limits.Exact
500 admitted in 10 s
[       OK ] Limits.Exact (12 ms)
[ RUN      ] Limits.Other
[       OK ] Limits.Other (1 ms)
[ RUN      ] Limits.Vectors
vectors_test.cc:12: Skipped
the vectors are not there
[  SKIPPED ] Limits.Vectors (0 ms)
{middle}
[==========] 4 tests from 1 test suite ran. (30 ms total)
[  PASSED  ] 2 tests.
[  SKIPPED ] 1 test, listed below:
[  SKIPPED ] Limits.Vectors
"""
FAILURE = """[ RUN      ] Limits.Shared
shared_test.cc:7: Failure
{lines}
[  FAILED  ] Limits.Shared (5 ms)"""
UNITTEST = """[   1.5 s] helm install: done
..s
----------------------------------------------------------------------
Ran 3 tests in 9.113s

OK (skipped=1)
"""


class Report(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.build = pathlib.Path(folder.name)
        (self.build / "CTestTestfile.cmake").touch()

    def add(self, name, output, exit_code=0, properties=""):
        file = self.build / name
        file.write_text(output)
        self.add_command(name, f'/bin/sh -c "cat {file}; exit {exit_code}"'.replace('-c "', '"-c" "'), properties)

    def add_command(self, name, command, properties=""):
        with (self.build / "CTestTestfile.cmake").open("a") as tests:
            print(f"add_test({name} {command})\nset_tests_properties({name} PROPERTIES LABELS unit {properties})",
                  file=tests)

    def run_ctest(self):
        script = (f"set -euo pipefail; root={ROOT}; source hack/test/ctest.sh; run_ctest {self.build} unit; "
                  'echo "$passed $failed $skipped"')
        done = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True)
        *self.lines, counts = done.stdout.splitlines()
        return tuple(map(int, counts.split()))

    def test_each_test_of_a_program_counts(self):
        self.add("whole", GOOGLETEST.format(middle=""))
        self.add("python", UNITTEST)
        self.add("alone", "no framework\n")
        self.assertEqual(self.run_ctest(), (2 + 2 + 1, 0, 1 + 1))

    def test_figures_and_reasons_are_shown_and_all_is_kept(self):
        self.add("whole", GOOGLETEST.format(middle="words\n" * 1000 + "used again after 7 ms"))
        self.run_ctest()
        self.assertEqual([line for line in self.lines if line.startswith("  ")], [
            "  whole: 500 admitted in 10 s", "  whole: used again after 7 ms", "  whole: the vectors are not there"])
        log = self.build / "Testing/unit.log"
        self.assertIn(str(log), self.lines[-1])
        self.assertIn("500 admitted", log.read_text())

    def test_a_test_that_ctest_knows_as_skipped_is_one(self):
        self.add("discovered", "x_test.cc:3: Skipped\nno vectors\n[  SKIPPED ] X.Y (0 ms)\n",
                 properties='SKIP_REGULAR_EXPRESSION "\\\\[  SKIPPED \\\\]"')
        self.assertEqual(self.run_ctest(), (0, 0, 1))

    def test_a_failure_is_shown_whole(self):
        lines = "\n".join(f"line {number}" for number in range(50000))
        self.add("whole", GOOGLETEST.format(middle=FAILURE.format(lines=lines)), exit_code=1)
        self.assertEqual(self.run_ctest(), (2, 1, 1))
        for line in ("line 0", "line 25000", "line 49999"):
            self.assertIn(line, self.lines)

    def test_what_ends_no_test_is_a_failure(self):
        self.add("crashed", "[ RUN      ] Limits.Exact\n", exit_code=139)
        self.add("later", "[       OK ] Limits.Other (1 ms)\n", exit_code=1)
        self.add_command("missing", "/nowhere/at/all")
        self.assertEqual(self.run_ctest(), (1, 3, 0))
        self.assertTrue(any("test: FAILED missing" in line for line in self.lines))

    def test_no_test_at_all_is_a_failure(self):
        self.assertEqual(self.run_ctest(), (0, 1, 0))


if __name__ == "__main__":
    unittest.main()
