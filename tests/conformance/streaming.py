"""Large and slow bodies: the memory of the gateway does not follow them. Run by hack/conformance.sh streaming.

usage: streaming.py PROGRAMS [GIBIBYTES]

10 GiB down and up by curl, over HTTP/1.1 and HTTP/2; server-sent events, of which each has to arrive while the answer goes
on; 1,000 readers who take almost nothing of 16 MiB each.
"""

import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

import kit
import upstream

GROWTH_BYTES = 64 << 20
EVENT_S = 0.050
READERS = 1000
READER_BYTES = 16 << 20


class Peak:
    """The most memory that a process held while the block ran, beyond what it held before."""

    def __init__(self, process):
        self.process, self.begin, self.most = process, kit.resident(process), 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    @property
    def growth(self):
        return self.most - self.begin

    def _look(self):
        while not self._over.wait(0.05):
            self.most = max(self.most, kit.resident(self.process))


def curl(version, *flags):
    said = subprocess.run(["curl", "--silent", "--show-error", f"--{version}", "--header", "Expect:", "--write-out",
                           "%{http_version} %{http_code} %{size_download}", *flags], capture_output=True, text=True)
    return said.stdout + said.stderr


def download(version, port, size, _):
    said = curl(version, "--output", "/dev/null", f"http://127.0.0.1:{port}/bytes/{size}")
    return said.endswith(f" 200 {size}"), said


def upload(version, port, size, folder):
    sparse = folder / "sparse"
    with sparse.open("wb") as file:
        file.truncate(size)
    said = curl(version, "--request", "POST", "--upload-file", str(sparse), f"http://127.0.0.1:{port}/")
    return said.startswith(str(size)) and " 200 " in said, said


def events(version, port, _, __):
    """The slowest way of an event from the upstream to curl's output."""
    command = ["curl", "--silent", "--no-buffer", f"--{version}", f"http://127.0.0.1:{port}/events/50"]
    slowest, count = 0, 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if match := re.match(r"data: ([\d.]+)", line):
                slowest, count = max(slowest, time.monotonic() - float(match[1])), count + 1
    return count == 50 and slowest < EVENT_S, f"{count} events, the slowest {slowest * 1e3:.1f} ms"


def slow_readers(_, port, __, ___):
    """Each asks for a large answer and takes a few bytes of it in a second."""
    readers = []
    for _ in range(READERS):
        reader = socket.socket()
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.connect(("127.0.0.1", port))
        reader.sendall(b"GET /bytes/%d HTTP/1.1\r\nHost: slow.example\r\n\r\n" % READER_BYTES)
        readers.append(reader)
    served = [0] * READERS
    for _ in range(15):
        time.sleep(1)
        for i, reader in enumerate(readers):
            served[i] += len(reader.recv(64))
    for reader in readers:
        reader.close()
    sound = sum(taken == 15 * 64 for taken in served)
    return sound == READERS, f"{sound} of {READERS} were served"


WORK = {"10 GiB down": download, "10 GiB up": upload, "server-sent events": events}


def main():
    programs = sys.argv[1]
    size = (int(sys.argv[2]) if len(sys.argv) > 2 else 10) << 30
    verdict = kit.Verdict("work", "over", "seconds", "memory growth MiB", "said")
    with tempfile.TemporaryDirectory() as name, upstream.Upstream() as large:
        folder = pathlib.Path(name)
        runs = [(work, act, version) for work, act in WORK.items() for version in ("http1.1", "http2-prior-knowledge")]
        with kit.gateway(programs, folder, large.port) as (process, ports):
            for work, act, version in [*runs, (f"{READERS} slow readers", slow_readers, "http1.1")]:
                begin = time.monotonic()
                with Peak(process) as peak:
                    sound, said = act(version, ports["http"], size, folder)
                verdict.line(sound and peak.growth < GROWTH_BYTES, work.replace("10 GiB", f"{size >> 30} GiB"), version,
                             f"{time.monotonic() - begin:.1f}", f"{peak.growth / 2**20:.1f}", said.strip())
    verdict.end()


if __name__ == "__main__":
    main()
