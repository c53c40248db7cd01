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
EXPLAINED_IN_THE_CLEAR = {("3.5", "Sends invalid connection preface")}


def failures(report):
    """(section, case) of each that failed."""
    for suite in xml.etree.ElementTree.parse(report).getroot().iter("testsuite"):
        for case in suite.iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                yield case.get("package").rsplit("/", 1)[-1], case.get("classname")


def run(h2spec, flags, folder):
    """What h2spec says, and the set of what failed."""
    report = folder / "report.xml"
    said = subprocess.run([h2spec, "-h", "localhost", *flags, "-S", "-o", "5", "-j", str(report)],
                          capture_output=True, text=True)
    if not re.search(r"1[0-9][0-9] tests", said.stdout):
        sys.exit("h2spec.py: h2spec did not run all of its cases: " + said.stdout[-2000:] + said.stderr)
    return said.stdout[said.stdout.rfind("Finished in"):].strip(), set(failures(report))


def main():
    h2spec, programs = sys.argv[1:]
    missed = False
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        with kit.echo(programs, folder) as upstream, kit.gateway(programs, folder, upstream) as (_, ports):
            for what, flags, explained in (("in the clear", ["-p", str(ports["http"])], EXPLAINED_IN_THE_CLEAR),
                                           ("over TLS", ["-t", "-k", "-p", str(ports["https"])], set())):
                said, failed = run(h2spec, flags, folder)
                print(f"{what}: {said}")
                for section, case in sorted(failed):
                    print(f"failed: {section} {case}{' (explained)' if (section, case) in explained else ''}")
                missed |= bool(failed - explained)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
