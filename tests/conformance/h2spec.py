"""Runs h2spec against a gateway that forwards everything to the example upstream, and judges what it says.

usage: h2spec.py H2SPEC PROGRAMS
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import kit

# What fails and may: docs/conformance.md says why. Section and first words of the case.
EXPLAINED = {("3.5", "Sends invalid connection preface")}


def failures(report):
    """(section, case) of each that failed."""
    for suite in xml.etree.ElementTree.parse(report).getroot().iter("testsuite"):
        for case in suite.iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                yield case.get("package").rsplit("/", 1)[-1], case.get("classname")


def main():
    h2spec, programs = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        with kit.echo(programs, folder) as upstream, kit.gateway(programs, folder, upstream) as (_, ports):
            said = subprocess.run([h2spec, "-h", "127.0.0.1", "-p", str(ports["http"]), "-S", "-o", "5",
                                   "-j", str(folder / "report.xml")], capture_output=True, text=True)
        failed = set(failures(folder / "report.xml"))
    print(said.stdout[said.stdout.rfind("Finished in"):].strip())
    for section, case in sorted(failed):
        print(f"failed: {section} {case}{' (explained)' if (section, case) in EXPLAINED else ''}")
    if not re.search(r"1[0-9][0-9] tests", said.stdout):
        sys.exit("h2spec.py: h2spec did not run all of its cases: " + said.stdout[-2000:] + said.stderr)
    sys.exit(1 if failed - EXPLAINED else 0)


if __name__ == "__main__":
    main()
