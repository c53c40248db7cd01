"""Speaks WebSocket with an echo server, directly and through the gateway, and compares what both sides saw: by the client
and the server of the Python package "websockets", and by the client of "autobahn".

usage: websocket.py PROGRAMS
"""

import asyncio
import contextlib
import hashlib
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import autobahn
import websockets
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

import autobahn_echo

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
    protocols: {webSocket: true}
    upstream: {targets: [{type: Service, serviceRef: {name: upstream, port: http}}]}
"""

FAILED = "failed:"
LARGE = 16 * 1024 * 1024


def brief(message):
    """What of a message a transcript holds."""
    if len(message) <= 64:
        return repr(message)
    raw = message.encode() if isinstance(message, str) else message
    return f"{type(message).__name__} of {len(message)}, {hashlib.sha256(raw).hexdigest()}"


def pattern(size):
    return bytes(i * i % 251 for i in range(4096)) * (size // 4096) + bytes(size % 4096)


def closing(socket):
    return f"closed with {socket.close_code} {socket.close_reason!r}"


class Echo:
    """The server. Writes down how each connection ended that a client closed."""

    def __init__(self):
        self.endings = asyncio.Queue()

    async def serve(self, socket):
        kind, _, code = socket.request.path.strip("/").partition("/")
        try:
            async for message in socket:
                if kind == "close":
                    return await socket.close(int(code), "as asked")
                if kind == "gone":
                    return socket.transport.abort()
                # In fragments of its own, where it is asked for them.
                await socket.send([message[i:i + 1000] for i in range(0, len(message), 1000)]
                                  if kind == "fragments" else message)
        except websockets.ConnectionClosed:
            pass
        if kind == "ending":
            await self.endings.put(closing(socket))


async def echo_of(url, messages, path="/echo", **options):
    async with connect(url + path, max_size=None, **options) as socket:
        said = []
        for message in messages:
            await socket.send(message)
            said.append(brief(await socket.recv()))
        return said


async def kept_order(url):
    async with connect(url + "/echo") as socket:
        async def send():
            for i in range(5000):
                await socket.send(str(i))
        sending = asyncio.create_task(send())
        heard = [await socket.recv() for _ in range(5000)]
        await sending
        return heard == [str(i) for i in range(5000)]


async def pinged(url):
    async with connect(url + "/echo", ping_interval=None) as socket:
        for payload in (b"", b"ping", b"x" * 125):
            await asyncio.wait_for(await socket.ping(payload), 30)
        return "every pong"


async def closed_by_client(url, echo, code, reason):
    async with connect(url + "/ending") as socket:
        await socket.close(code, reason)
        return closing(socket), await asyncio.wait_for(echo.endings.get(), 30)


async def closed_by_server(url, path):
    async with connect(url + path) as socket:
        await socket.send("now")
        with contextlib.suppress(websockets.ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 30)
        return closing(socket)


async def negotiated(url):
    async with connect(url + "/echo", subprotocols=["b", "a"]) as socket:
        return socket.subprotocol, socket.response.headers.get("Sec-WebSocket-Extensions")


def cases(url, echo):
    """Name and coroutine of each."""
    yield "text", echo_of(url, ["", "hello", "käse, 🧀", "x" * 125, "x" * 126, "x" * 65535, "x" * 65536])
    yield "binary", echo_of(url, [b"", bytes(range(256)), pattern(65536), pattern(1_000_003)])
    yield "fragments from the client", echo_of(url, [["ab", "", "cd"], [b"a" * 70000, b"b"]])
    yield "fragments from the server", echo_of(url, ["y" * 100_000, pattern(100_000)], "/fragments")
    yield "16 MiB", echo_of(url, [pattern(LARGE)], compression=None)
    yield "16 MiB, compressed", echo_of(url, [pattern(LARGE)])
    yield "5,000 messages in order", kept_order(url)
    yield "pings", pinged(url)
    for code, reason in [(1000, ""), (1000, "done"), (1001, "away"), (1011, "x" * 123), (3000, "own"), (4999, "own")]:
        yield f"client closes with {code} {reason[:8]}", closed_by_client(url, echo, code, reason)
    for code in (1000, 1001, 1008, 1011, 3000, 4999):
        yield f"server closes with {code}", closed_by_server(url, f"/close/{code}")
    yield "server is gone", closed_by_server(url, "/gone")
    yield "subprotocol and extension", negotiated(url)


def first_of_ours(_, offered):
    return next((ours for ours in ("a", "b") if ours in offered), None)


async def transcript(cases_of_client):
    seen = {}
    for name, case in cases_of_client:
        try:
            seen[name] = await asyncio.wait_for(case, 120)
        except Exception as error:  # what a client meets is the result
            seen[name] = f"{FAILED} {type(error).__name__}: {error}"
    return seen


@contextlib.contextmanager
def gateway(programs, upstream):
    """Runs it until the block ends; gives its port."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "manifests").mkdir()
        (folder / "manifests/all.yaml").write_text(MANIFESTS % upstream)
        ports = folder / "ports"
        process = subprocess.Popen([f"{programs}/tollgatectl", "run", f"{folder}/manifests", "--host-policy=Open",
                                    "--http-address=127.0.0.1:0", "--https-address=off", "--metrics-address=127.0.0.1:0",
                                    "--access-log=off", f"--port-file={ports}"], stderr=subprocess.PIPE, text=True)
        try:
            deadline = time.monotonic() + 60
            while not ports.exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    process.kill()
                    sys.exit(f"websocket.py: the gateway did not start: {process.stderr.read()}")
                time.sleep(0.01)
            yield int(re.search(r"^http=(\d+)$", ports.read_text(), re.MULTILINE)[1])
        finally:
            process.terminate()
            process.wait(60)


def report(client, direct, through):
    """Whether both are the same, and sound."""
    differences = [name for name in direct if direct[name] != through[name]]
    for name in differences:
        print(f"{name}:\n  directly:            {direct[name]}\n  through the gateway: {through[name]}")
    print(f"{len(direct)} cases by {client}, {len(differences)} differ")
    # What the server could not do by itself would be no measure.
    broken = [name for name, said in direct.items() if isinstance(said, str) and said.startswith(FAILED)]
    for name in broken:
        print(f"{name}: fails without the gateway: {direct[name]}")
    return not differences and not broken


async def compare(programs):
    echo = Echo()
    async with serve(echo.serve, "127.0.0.1", 0, max_size=None, select_subprotocol=first_of_ours) as server:
        upstream = server.sockets[0].getsockname()[1]
        direct = f"ws://127.0.0.1:{upstream}"
        with gateway(programs, upstream) as port:
            through = f"ws://127.0.0.1:{port}"
            same = [
                report(f"websockets {websockets.__version__}", await transcript(cases(direct, echo)),
                       await transcript(cases(through, echo))),
                report(f"autobahn {autobahn.__version__}", await transcript(autobahn_echo.cases(direct)),
                       await transcript(autobahn_echo.cases(through))),
            ]
    return 0 if all(same) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(compare(sys.argv[1])))
