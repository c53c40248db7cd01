"""Runs h2spec against a gateway that forwards everything to the example upstream, and judges what it says.

usage: h2spec.py H2SPEC PROGRAMS
"""

import contextlib
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

# What fails and may: docs/conformance.md says why. Section and first words of the case.
EXPLAINED = {("3.5", "Sends invalid connection preface")}

MANIFESTS = """\
apiVersion: v1
kind: Service
metadata: {name: upstream, namespace: test}
spec: {ports: [{name: http, port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: upstream-1, namespace: test, labels: {kubernetes.io/service-name: upstream}}
addressType: IPv4
ports: [{name: http, port: %d}]
endpoints: [{addresses: [127.0.0.1], conditions: {ready: true}}]
---
apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: all, namespace: test}
spec:
  access: Public
  rules:
  - name: all
    matches: [{path: {type: Prefix, value: /}}]
    upstream: {targets: [{type: Service, serviceRef: {name: upstream, port: http}}]}
"""


@contextlib.contextmanager
def program(command, ports):
    """Runs it until the block ends; gives the port called "http" that it wrote into the file."""
    process = subprocess.Popen([*command, f"--port-file={ports}"], stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 60
        while not ports.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                sys.exit(f"h2spec.py: {command[0]} did not start: {process.stderr.read()}")
            time.sleep(0.01)
        yield int(re.search(r"^http=(\d+)$", ports.read_text(), re.MULTILINE)[1])
    finally:
        process.terminate()
        process.wait(60)


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
        echo = [f"{programs}/tollgate-echo", "--address=127.0.0.1:0", "--name=h2spec", f"--log={folder}/echo.log"]
        (folder / "manifests").mkdir()
        with program(echo, folder / "echo.ports") as upstream:
            (folder / "manifests/all.yaml").write_text(MANIFESTS % upstream)
            gateway = [f"{programs}/tollgatectl", "run", f"{folder}/manifests", "--host-policy=Open",
                       "--http-address=127.0.0.1:0", "--metrics-address=127.0.0.1:0", "--access-log=off"]
            with program(gateway, folder / "ports") as port:
                said = subprocess.run([h2spec, "-h", "127.0.0.1", "-p", str(port), "-S", "-o", "5",
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
