"""What the suites of this folder share: a gateway with its upstream, requests that have to go well beside whatever else
happens, and the memory of a process. Used by the scripts beside it."""

import asyncio
import base64
import contextlib
import pathlib
import re
import subprocess
import sys
import threading
import time

# A Service with one endpoint, and a route that leads everything for its hosts there.
MANIFEST = """\
apiVersion: v1
kind: Service
metadata: {name: %(name)s, namespace: test}
spec: {ports: [{name: http, port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: %(name)s-1, namespace: test, labels: {kubernetes.io/service-name: %(name)s}}
addressType: IPv4
ports: [{name: http, port: %(port)d}]
endpoints: [{addresses: [127.0.0.1], conditions: {ready: true}}]
---
apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: %(name)s, namespace: test}
spec:
  hosts: %(hosts)s
%(tls)s  access: Public
  rules:
  - name: all
    matches: [{path: {type: Prefix, value: /}}]
    upstream: {targets: [{type: Service, serviceRef: {name: %(name)s, port: http}}]}
"""


SECRET = """\
apiVersion: v1
kind: Secret
metadata: {name: localhost, namespace: test}
type: kubernetes.io/tls
data: {tls.crt: %s, tls.key: %s}
"""


def secret(folder):
    """The manifest of a new certificate for localhost."""
    chain, key = folder / "tls.crt", folder / "tls.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2",
                    "-out", chain, "-keyout", key], check=True, capture_output=True)
    return SECRET % tuple(base64.b64encode(file.read_bytes()).decode() for file in (chain, key))


@contextlib.contextmanager
def program(command, ports):
    """Runs it until the block ends. Gives (its process, the ports that it wrote into the file, by name)."""
    with open(f"{ports}.stderr", "w", encoding="utf-8") as log:
        process = subprocess.Popen([*command, f"--port-file={ports}"], stderr=log)
    try:
        deadline = time.monotonic() + 60
        while not ports.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                sys.exit(f"{command[0]} did not start: {pathlib.Path(f'{ports}.stderr').read_text()}")
            time.sleep(0.01)
        yield process, {name: int(port) for name, port in re.findall(r"^(\w+)=(\d+)$", ports.read_text(), re.M)}
    finally:
        process.terminate()
        process.wait(60)


@contextlib.contextmanager
def echo(programs, folder):
    """The example upstream. Gives its port."""
    command = [f"{programs}/tollgate-echo", "--address=127.0.0.1:0", "--name=echo", f"--log={folder}/echo.log"]
    with program(command, folder / "echo.ports") as (_, ports):
        yield ports["http"]


@contextlib.contextmanager
def gateway(programs, folder, upstream, *flags, **others):
    """A gateway that forwards everything to the port `upstream`, but what is asked of NAME.example to the port that
    stands with NAME among `others`. What is asked of localhost goes to `upstream`, over HTTPS too. Gives (its process, its
    ports)."""
    manifests = folder / "manifests"
    manifests.mkdir(exist_ok=True)
    (manifests / "secret.yaml").write_text(secret(folder))
    routes = {"upstream": ("", upstream), "localhost": ("localhost", upstream)}
    routes.update((name, (f"{name}.example", port)) for name, port in others.items())
    for name, (host, port) in routes.items():
        tls = "  tls: {certificateRefs: [{name: localhost}]}\n" if host == "localhost" else ""
        (manifests / f"{name}.yaml").write_text(
            MANIFEST % {"name": name, "port": port, "hosts": f"[{host}]", "tls": tls})
    command = [f"{programs}/tollgatectl", "run", str(manifests), "--host-policy=Open", "--http-address=127.0.0.1:0",
               "--https-address=127.0.0.1:0", "--metrics-address=127.0.0.1:0", "--access-log=off", *flags]
    with program(command, folder / "gateway.ports") as running:
        yield running


def resident(process):
    """Bytes of memory that a process holds."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"^VmRSS:\s+(\d+) kB$", status, re.M)[1]) * 1024


class GoodRequests:
    """So many requests a second from well-behaved callers, each at its own moment whatever became of those before it,
    half of them over connections of their own. As a context; afterwards `sent`, `failures` and `percentile()` say how
    they fared. A time runs from the moment at which a request was due."""

    def __init__(self, port, rate):
        self.port, self.rate = port, rate
        self.times, self.failures, self.sent = [], [], 0
        self._kept = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._send_all()))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def percentile(self, part):
        times = sorted(self.times)
        return times[min(len(times) - 1, int(len(times) * part))] if times else float("inf")

    async def _send_all(self):
        begin, tasks = time.monotonic(), set()
        while not self._over.is_set():
            due = begin + self.sent / self.rate
            await asyncio.sleep(max(0, due - time.monotonic()))
            task = asyncio.create_task(self._send(due, keep=self.sent % 2 == 0))
            self.sent += 1
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        await asyncio.gather(*tasks)
        for _, writer in self._kept:
            writer.close()

    async def _send(self, due, keep):
        try:
            async with asyncio.timeout(30):
                await self._exchange(keep)
            self.times.append(time.monotonic() - due)
        except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError) as error:
            self.failures.append(repr(error))

    async def _exchange(self, keep):
        if keep and self._kept:
            reader, writer = self._kept.pop()
        else:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        ended = b"" if keep else b"Connection: close\r\n"
        writer.write(b"GET /good HTTP/1.1\r\nHost: good.example\r\n" + ended + b"\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(int(re.search(rb"(?i)\r\ncontent-length: (\d+)", head)[1]))
        if not head.startswith(b"HTTP/1.1 200 "):
            raise ValueError(head.split(b"\r\n")[0] + b": " + body)
        if keep:
            self._kept.append((reader, writer))
        else:
            writer.close()


class Verdict:
    """Prints a table of what was measured, a line each as it comes; exit code 1 at the end where something was not
    reached."""

    def __init__(self, *columns):
        self.missed = False
        print(f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}", flush=True)

    def line(self, reached, *cells):
        self.missed |= not reached
        print(f"| {' | '.join(str(cell) for cell in cells)} |{'' if reached else '  <- missed'}", flush=True)

    def end(self):
        sys.exit(1 if self.missed else 0)
