"""Runs testssl.sh against a gateway that answers by itself over TLS, and judges what it finds.

usage: testssl.py PROGRAMS
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

HOST = "a.example"
# Nothing above this is to be found.
FINE = {"OK", "INFO", "LOW", "DEBUG"}
# What is found and may be: docs/conformance.md says why. By testssl.sh's own names.
EXPLAINED = {"cert_revocation", "engine_problem"}
SECONDS = 600

# For every host, since some of the tests ask for none; and with the headers that are the route's to say.
ROUTE = """\
apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: all, namespace: test}
spec:
  access: Public
  tls: {certificateRefs: [{name: server}]}
  rules:
  - name: all
    type: Respond
    respond:
      body: hello
      headers:
      - {name: Strict-Transport-Security, value: max-age=31536000}
      - {name: X-Content-Type-Options, value: nosniff}
      - {name: X-Frame-Options, value: DENY}
"""


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def make_certificates(folder):
    """An authority, and a certificate of it as public ones are: ECDSA, for 90 days."""
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl(folder, "req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=authority",
            "-days", "365", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    openssl(folder, "req", *curve, "-keyout", "tls.key", "-out", "tls.csr", "-subj", f"/CN={HOST}")
    (folder / "extensions").write_text(f"subjectAltName=DNS:{HOST}\nbasicConstraints=critical,CA:FALSE\n"
                                       "keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n")
    openssl(folder, "x509", "-req", "-in", "tls.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-out", "tls.crt", "-days", "90",
            "-extfile", "extensions")


def secret(folder):
    entries = "".join(f"  {name}: |\n" + re.sub("^", "    ", (folder / name).read_text().strip(), flags=re.M) + "\n"
                      for name in ("tls.crt", "tls.key"))
    return ("apiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\nmetadata: {name: server, namespace: test}\n"
            f"stringData:\n{entries}")


def start(programs, folder):
    """The gateway and its port of HTTPS."""
    ports = folder / "ports"
    process = subprocess.Popen(
        [f"{programs}/tollgatectl", "run", f"{folder}/manifests", "--host-policy=Open", "--http-address=127.0.0.1:0",
         "--https-address=127.0.0.1:0", "--metrics-address=127.0.0.1:0", "--access-log=off", f"--port-file={ports}"],
        stderr=(folder / "gateway.log").open("w"))
    deadline = time.monotonic() + 60
    while not ports.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            sys.exit("testssl.py: the gateway did not start: " + (folder / "gateway.log").read_text())
        time.sleep(0.01)
    return process, int(re.search(r"^https=(\d+)$", ports.read_text(), re.M)[1])


def findings(folder, port):
    """What testssl.sh says, by its names: (severity, sentence)."""
    said = subprocess.run(
        ["testssl", "--ip", "127.0.0.1", "--add-ca", f"{folder}/ca.crt", "--openssl", "/usr/bin/openssl", "--warnings",
         "off", "--quiet", "--color", "0", "--jsonfile", f"{folder}/report.json", f"{HOST}:{port}"],
        capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL)
    report = json.loads((folder / "report.json").read_text())
    found = {entry["id"]: (entry["severity"], entry["finding"]) for entry in report}
    # Whatever did not run would otherwise be fine.
    if "TLS1_3" not in found or "heartbleed" not in found or "scanTime" not in found:
        sys.exit("testssl.py: testssl.sh did not run to its end: " + said.stdout[-2000:] + said.stderr[-2000:])
    return found


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make_certificates(folder)
        (folder / "manifests").mkdir()
        (folder / "manifests/all.yaml").write_text(ROUTE + "---\n" + secret(folder))
        process, port = start(sys.argv[1], folder)
        try:
            found = findings(folder, port)
        finally:
            process.terminate()
            process.wait(60)
    bad = {name for name, (severity, _) in found.items() if severity not in FINE}
    for name in sorted(bad):
        explained = " (explained)" if name in EXPLAINED else ""
        print(f"{found[name][0]}: {name}: {found[name][1]}{explained}")
    print(f"{len(found)} findings, {len(bad)} above LOW, {len(bad - EXPLAINED)} of them not explained")
    sys.exit(1 if bad - EXPLAINED else 0)


if __name__ == "__main__":
    main()
