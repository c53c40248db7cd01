"""2,000 requests a second, of which none may fail while what they depend on changes. Run by
hack/conformance.sh no_drop.

usage: no_drop.py PROGRAMS

100 new configurations; 20 new certificates under HTTPS; the replacement of 3 upstreams, one after the other, 5 times over.
h2load makes the requests, over HTTP/1.1 in the clear and HTTP/2 over TLS, and begins anew every 5 seconds, so that there are
connections that stay and connections that are new.
"""

import contextlib
import itertools
import pathlib
import re
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
SWAPS, CERTIFICATES, REPLACEMENTS, UPSTREAMS = 100, 20, 5, 3

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
        command = [f"{programs}/tollgatectl", "run", str(self.manifests), "--host-policy=Open",
                   "--http-address=127.0.0.1:0", "--https-address=127.0.0.1:0", "--metrics-address=127.0.0.1:0",
                   "--access-log=off"]
        _, self.ports = stack.enter_context(kit.program(command, folder / "gateway.ports"))

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
        for what, times, act in (("configurations", SWAPS, lambda: setting.change(setting.write_route)),
                                 ("certificates", CERTIFICATES, lambda: setting.change(setting.write_certificate)),
                                 ("upstreams", REPLACEMENTS * UPSTREAMS, setting.replace_upstream)):
            begin = time.monotonic()
            with Load(setting.ports) as load:
                for _ in range(times):
                    act()
                    time.sleep(0.05)
            verdict.line(load.failed == 0, what, times, f"{time.monotonic() - begin:.1f}", load.total, load.failed)
            if load.failed:
                print(load.said)
    verdict.end()


if __name__ == "__main__":
    main()
