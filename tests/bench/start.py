#!/usr/bin/env python3
"""How soon tollgatectl run answers after its start (F14 of docs/performance.md), with so many routes. Asserts nothing.

usage: start.py PROGRAMS [ROUTES]
"""

import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "conformance"))

import kit  # noqa: E402
import upstream  # noqa: E402

ROUNDS = 9


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answer(port):
    """Whether the gateway answers 200 by now."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(b"GET /bytes/1 HTTP/1.1\r\nHost: r0.example\r\nConnection: close\r\n\r\n")
            return connection.recv(64).startswith(b"HTTP/1.1 200 ")
    except OSError:
        return False


def start_once(programs, manifests):
    port = free_port()
    command = [f"{programs}/tollgatectl", "run", str(manifests), "--host-policy=Open", f"--http-address=127.0.0.1:{port}",
               "--https-address=off", "--metrics-address=127.0.0.1:0", "--access-log=off"]
    begin = time.monotonic()
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        while not answer(port):
            if process.poll() is not None:
                sys.exit(f"{command[0]} ended with {process.returncode}")
            time.sleep(0.001)
        return time.monotonic() - begin
    finally:
        process.terminate()
        process.wait(60)


def main():
    programs, routes = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100
    with tempfile.TemporaryDirectory() as folder, upstream.Upstream() as plain:
        for i in range(routes):
            text = kit.MANIFEST % {"name": f"r{i}", "port": plain.port, "hosts": f"[r{i}.example]", "tls": ""}
            (pathlib.Path(folder) / f"r{i}.yaml").write_text(text)
        times = [start_once(programs, folder) for _ in range(ROUNDS)]
    print(f"{routes} routes: {statistics.median(times) * 1e3:.0f} ms to the first answer "
          f"({min(times) * 1e3:.0f} to {max(times) * 1e3:.0f} in {ROUNDS} starts)")


if __name__ == "__main__":
    main()
