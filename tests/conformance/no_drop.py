"""2,000 requests a second, of which none may fail while what they depend on changes. Run by
hack/conformance.sh no_drop.

usage: no_drop.py PROGRAMS

100 new configurations; 20 new certificates under HTTPS; the replacement of 3 upstreams, one after the other, 5 times over;
the replacement of the gateway by another process, 5 times.
h2load makes the requests, over HTTP/1.1 in the clear and HTTP/2 over TLS, and begins anew every 5 seconds, so that there are
connections that stay and connections that are new. While the gateway is replaced wrk makes them, over HTTP/1.1 in the clear
and over TLS: what h2load does at a set rate with an answer that ends its connection is to send nothing more.
"""

import contextlib
import itertools
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import kit

CONNECTIONS = 20
RATE = 2000
ROUND = 5 * RATE
SWAPS, CERTIFICATES, REPLACEMENTS, UPSTREAMS, TAKEOVERS = 100, 20, 5, 3, 5

SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: upstream, namespace: test}
spec: {ports: [{name: http, port: 80}]}
"""
SLICE = """\
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: upstream-%(port)d, namespace: test, labels: {kubernetes.io/service-name: upstream}}
addressType: IPv4
ports: [{name: http, port: %(port)d}]
endpoints: [{addresses: [127.0.0.1], conditions: {ready: %(ready)s, serving: true, terminating: %(terminating)s}}]
"""
ROUTE = """\
apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: all, namespace: test}
spec:
  hosts: [localhost]
  tls: {certificateRefs: [{name: localhost}]}
  access: Public
  rules:
  - name: rule-%d
    matches: [{path: {type: Prefix, value: /}}]
    upstream: {targets: [{type: Service, serviceRef: {name: upstream, port: http}}]}
"""


class Load:
    """Requests to both ports until the block ends; then `total` and `failed` say what became of them."""

    def __init__(self, ports):
        plain = ["--h1", f"http://localhost:{ports['http']}/"]
        secure = [f"https://localhost:{ports['https']}/"]
        self.total, self.failed, self.said = 0, 0, ""
        self._lock, self._over = threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._send, args=[flags]) for flags in (plain, secure)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        time.sleep(0.5)
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _send(self, flags):
        command = ["h2load", f"--clients={CONNECTIONS}", f"--requests={ROUND // 2}",
                   f"--rps={RATE // 2 // CONNECTIONS}", *flags]
        while not self._over.is_set():
            said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
            good = re.search(r"status codes: (\d+) 2xx", said)
            with self._lock:
                self.total += ROUND // 2
                self.failed += ROUND // 2 - (int(good[1]) if good else 0)
                if not good or int(good[1]) != ROUND // 2:
                    self.said = said[-1000:]


class LastingLoad:
    """As Load, but connections last until an answer ends them; the next request is sent on a new one, at once."""

    PAUSE = "function delay() return %d end" % (1000 * CONNECTIONS // (RATE // 2))

    def __init__(self, ports):
        self.urls = [f"http://localhost:{ports['http']}/", f"https://localhost:{ports['https']}/"]
        self.total, self.failed, self.said = 0, 0, ""
        self._script = tempfile.NamedTemporaryFile("w", suffix=".lua")

    def __enter__(self):
        self._script.write(self.PAUSE)
        self._script.flush()
        command = ["wrk", "--threads=1", f"--connections={CONNECTIONS}", "--duration=1h", f"--script={self._script.name}"]
        self._processes = [subprocess.Popen([*command, url], stdout=subprocess.PIPE, text=True) for url in self.urls]
        time.sleep(0.5)
        return self

    def __exit__(self, *_):
        for process in self._processes:
            process.send_signal(signal.SIGINT)
            said = process.communicate()[0]
            self.total += int(re.search(r"(\d+) requests in", said)[1])
            errors = re.findall(r"(?:Non-2xx or 3xx responses:|connect|read|write|timeout) (\d+)", said)
            self.failed += sum(map(int, errors))
            self.said += said if errors else ""


class Setting:
    """A gateway of files, with upstreams that come and go."""

    def __init__(self, programs, folder, stack):
        self.programs, self.folder, self.stack = programs, folder, stack
        self.manifests = folder / "manifests"
        self.manifests.mkdir()
        self.numbers = itertools.count()
        self.upstreams = {}  # port: what ends it
        self.write_certificate()
        self.write_route()
        for _ in range(UPSTREAMS):
            self.add_upstream()
        self.gateway, self.ports = self.start_gateway()

    def start_gateway(self):
        """The next one takes over from the one before, whose grace ends with its last connection."""
        command = [f"{self.programs}/tollgatectl", "run", str(self.manifests), "--host-policy=Open",
                   "--http-address=127.0.0.1:0", "--https-address=127.0.0.1:0", "--metrics-address=127.0.0.1:0",
                   "--access-log=off", f"--takeover-socket={self.folder}/takeover", "--drain-grace=30s"]
        ports = self.folder / f"gateway-{next(self.numbers)}.ports"
        return self.stack.enter_context(kit.program(command, ports))

    def replace_gateway(self):
        before, was = self.gateway, self.ports
        self.gateway, self.ports = self.start_gateway()
        if self.ports != was or before.wait(60) != 0:
            sys.exit("no_drop.py: the gateway was not taken over from")
        time.sleep(1)

    def write(self, name, text):
        new = self.folder / "new"
        new.write_text(text)
        new.rename(self.manifests / name)

    def write_route(self):
        self.write("route.yaml", ROUTE % next(self.numbers))

    def write_certificate(self):
        self.write("secret.yaml", kit.secret(self.folder))

    def add_upstream(self):
        stack = contextlib.ExitStack()
        self.stack.push(stack)
        log = self.folder / f"echo-{next(self.numbers)}"
        command = [f"{self.programs}/tollgate-echo", "--address=127.0.0.1:0", "--name=echo", f"--log={log}"]
        _, ports = stack.enter_context(kit.program(command, log.with_suffix(".ports")))
        self.upstreams[ports["http"]] = stack
        self.write_endpoints()

    def write_endpoints(self, leaving=None):
        slices = [SLICE % {"port": port, "ready": "false" if port == leaving else "true",
                           "terminating": "true" if port == leaving else "false"} for port in self.upstreams]
        self.write("endpoints.yaml", SERVICE + "".join(slices))

    def replace_upstream(self):
        """As a rolling update does it: the new one first; the old one is told to end, and ends a little later."""
        oldest = next(iter(self.upstreams))
        self.change(self.add_upstream)
        self.change(lambda: self.write_endpoints(leaving=oldest))
        time.sleep(0.5)
        ended = self.upstreams.pop(oldest)
        self.change(self.write_endpoints)
        ended.close()

    def version(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['metrics']}/metrics") as page:
            return re.search(r'^tollgate_snapshot_version_info\{version="(\w+)"\}', page.read().decode(), re.M)[1]

    def change(self, act):
        """Acts, and waits until that is served."""
        before, deadline = self.version(), time.monotonic() + 60
        act()
        while self.version() == before:
            if time.monotonic() > deadline:
                sys.exit("no_drop.py: the gateway does not take a change over")
            time.sleep(0.005)


def main():
    verdict = kit.Verdict("change", "times", "seconds", "requests", "failed")
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        setting = Setting(sys.argv[1], pathlib.Path(name), stack)
        for what, times, act, kind in (
                ("configurations", SWAPS, lambda: setting.change(setting.write_route), Load),
                ("certificates", CERTIFICATES, lambda: setting.change(setting.write_certificate), Load),
                ("upstreams", REPLACEMENTS * UPSTREAMS, setting.replace_upstream, Load),
                ("gateways", TAKEOVERS, setting.replace_gateway, LastingLoad)):
            begin = time.monotonic()
            with kind(setting.ports) as load:
                for _ in range(times):
                    act()
                    time.sleep(0.05)
            verdict.line(load.failed == 0, what, times, f"{time.monotonic() - begin:.1f}", load.total, load.failed)
            if load.failed:
                print(load.said)
    verdict.end()


if __name__ == "__main__":
    main()
