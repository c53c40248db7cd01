"""What the documents name is there: targets, programs, tests, files."""

import itertools
import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = pathlib.Path(os.environ.get("TOLLGATE_PROGRAMS", ROOT / "build/release/bin"))
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
TOP_FOLDERS = {"api", "charts", "cli", "cmake", "controller", "crds", "docs", "examples", "hack", "proxy", "tests"}


def documents():
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True)
    # An archive without git has the same files.
    return [ROOT / name for name in listed.stdout.split()] or [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]


def without_code(text):
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


def problem_pages():
    """Name, status and first paragraph of each, on one line and without links."""
    for page in sorted((ROOT / "docs/problems").glob("*.md")):
        if page.name == "README.md":
            continue
        title, paragraph = page.read_text().split("\n\n")[:2]
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(paragraph.split()))
        yield page.stem, re.fullmatch(r"# ([\w-]+) \((\d{3})\)", title), text


def spelt_out(path):
    """gateway_route.{h,cc} is two files."""
    return ["".join(parts) for parts in
            itertools.product(*(part.strip("{}").split(",") for part in re.split(r"(\{[^}]*\})", path)))]


class Documents(unittest.TestCase):
    def test_each_target_to_build_makes_a_program(self):
        targets = re.findall(r"--target ([\w-]+)", CONTRIBUTING)
        self.assertGreater(len(targets), 1)
        for target in targets:
            self.assertTrue((PROGRAMS / target).exists(), f"CONTRIBUTING.md: --target {target}")

    def test_each_test_to_run_is_one(self):
        commands = re.findall(r"build/\w+/bin/(\S+) --gtest_filter='([^']+)'", CONTRIBUTING)
        self.assertGreater(len(commands), 0)
        for program, pattern in commands:
            listed = subprocess.run([PROGRAMS / program, "--gtest_list_tests", f"--gtest_filter={pattern}"],
                                    capture_output=True, text=True, check=True).stdout
            self.assertRegex(listed, r"\n  \w", f"CONTRIBUTING.md: {program} has no test {pattern}")

    def test_each_link_leads_to_a_file(self):
        for document in documents():
            for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", without_code(document.read_text())):
                self.assertTrue((document.parent / link).exists(), f"{document.relative_to(ROOT)}: {link}")

    def test_the_index_of_problems_says_what_their_pages_say_first(self):
        index = (ROOT / "docs/problems/README.md").read_text()
        found = re.findall(r"^\| \[([\w-]+)\]\(\1\.md\) \| (\d+) \| (.*) \|$", index, re.MULTILINE)
        rows = {name: (status, short) for name, status, short in found}
        pages = list(problem_pages())
        self.assertEqual(sorted(rows), [name for name, _, _ in pages])
        for name, title, text in pages:
            status, short = rows[name]
            with self.subTest(name):
                self.assertEqual(title.groups(), (name, status))
                self.assertTrue(text.startswith(short), f"{short!r} is not how the page begins: {text!r}")
                self.assertRegex(text[len(short):], r"^(?: ?[.:;,(]|$)")
                self.assertEqual(short.count("`") % 2, 0, "ends in the middle of code")

    def test_each_file_named_is_there(self):
        for document in documents():
            for named in re.findall(r"`([\w./{},-]+/[\w./{},-]*)`", without_code(document.read_text())):
                if named.split("/")[0] not in TOP_FOLDERS:
                    continue
                for path in spelt_out(named):
                    self.assertTrue((ROOT / path).exists(), f"{document.relative_to(ROOT)}: {path}")


if __name__ == "__main__":
    unittest.main()
