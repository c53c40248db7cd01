"""What is measured: each work with the gateways that do it, the load, and whom all are compared with."""

import dataclasses
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time

import peers


# Half of what a core serves with key, limits and log where load and upstream share the other one.
PACE = 10_000


@dataclasses.dataclass
class Work:
    name: str
    how: str        # in words, for the table
    peers: list
    reference: str  # the peer whose cost is 1
    load: object    # (peer, core, seconds) -> how many of `unit`, p99
    unit: str = "request"


def wrk(connections):
    def load(peer, core, seconds):
        command = ["taskset", "-c", core, "wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--latency", peer.url]
        for name, value in peer.headers.items():
            command += ["-H", f"{name}: {value}"]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        requests = int(re.search(r"(\d+) requests in", text).group(1))
        refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
        if refused:
            sys.exit(f"{peer.url}: {refused.group(1)} of {requests} answers were errors")
        return requests, re.search(r"^\s+99%\s+(\S+)", text, re.MULTILINE).group(1)

    return load


def h2load(clients, streams, *more):
    def load(peer, core, seconds):
        command = ["taskset", "-c", core, "h2load", "-t1", f"-c{clients}", f"-m{streams}", f"-D{seconds}", *more, peer.url]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        done, good = re.search(r"(\d+) done, (\d+) succeeded", text).groups()
        bad = int(re.search(r"(\d+) 5xx", text).group(1)) + int(re.search(r"(\d+) 4xx", text).group(1))
        if bad or not int(good):
            sys.exit(f"{peer.url}: {done} answers, {good} good, {bad} errors")
        return int(good), "-"

    return load


def paced(clients, rate):
    """So many requests a second whatever becomes of those before them; the p99 is of every one of them."""
    def load(peer, core, seconds):
        with tempfile.TemporaryDirectory() as folder:
            log = os.path.join(folder, "log")
            command = ["taskset", "-c", core, "h2load", "--h1", "-t1", f"-c{clients}", "-m1", f"--rps={rate / clients}",
                       f"-D{seconds}", f"--log-file={log}", peer.url]
            for name, value in peer.headers.items():
                command += ["-H", f"{name}: {value}"]
            subprocess.run(command, capture_output=True, check=True)
            with open(log, encoding="ascii") as lines:
                answers = [line.split() for line in lines]
        refused = sum(status != "200" for _, status, _ in answers)
        if refused or not answers:
            sys.exit(f"{peer.url}: {refused} of {len(answers)} answers were errors")
        times = sorted(int(microseconds) for _, _, microseconds in answers)
        return len(times), f"{times[len(times) * 99 // 100]} µs"

    return load


def handshakes(peer, core, seconds):
    """Full handshakes of TLS 1.3, one connection after the other."""
    port = int(re.search(r":(\d+)/", peer.url).group(1))
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    before, count = os.sched_getaffinity(0), 0
    os.sched_setaffinity(0, {int(core)})
    try:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with socket.create_connection(("127.0.0.1", port)) as connection:
                context.wrap_socket(connection, server_hostname="localhost").close()
            count += 1
    finally:
        os.sched_setaffinity(0, before)
    return count, "-"


def bodies(folder, size, path):
    peers.write(folder, f"files/{path}", "b" * size)
    compared = [peers.nginx_plain(folder), peers.haproxy_plain(folder),
                peers.tollgate(folder, "plain", 9310, peers.route("access: Public"), {}, "off")]
    for peer in compared:
        peer.url += path
    return compared


def conditions(folder, port, count, others=0):
    """Tollgate with so many matches on one path, told apart by a header, and with so many routes of other hosts beside
    them; asked for what the last of them is for."""
    matches = [f"{{headers: [{{name: X-Case, value: case-{i}}}]}}" for i in range(count)]
    rules = "".join(f"  - {{name: c{i}, matches: [{', '.join(matches[i:i + 10])}], {peers.TARGET}}}\n"
                    for i in range(0, count, 10))
    manifests = peers.route("access: Public").split("  rules:")[0] + "  rules:\n" + rules
    for i in range(others):
        other = peers.route("access: Public").replace("name: r,", f"name: other-{i},")
        manifests += "---\n" + other.replace('"127.0.0.1"', f"other-{i}.example")
    name = f"{count} conditions" + (f" beside {others:,} routes" if others else "")
    return peers.tollgate(folder, name, port, manifests, {"X-Case": f"case-{count - 1}"}, "off")


def growing_conditions(folder):
    return [conditions(folder, 9310, 1), conditions(folder, 9311, 10), conditions(folder, 9312, 100),
            conditions(folder, 9313, 1, 1000), conditions(folder, 9314, 100, 1000)]


def tls(folder):
    return [peers.nginx_tls(folder), peers.haproxy_tls(folder), peers.tollgate_tls(folder)]


def make(name, folder, envoy_binary):
    if name == "requests":
        return Work(name, "64 connections", peers.all_peers(folder, envoy_binary), "nginx plain", wrk(64))
    if name == "64 KiB":
        return Work(name, "16 connections", bodies(folder, 64 << 10, "64k"), "nginx plain", wrk(16), "answer")
    if name == "1 MiB":
        return Work(name, "16 connections", bodies(folder, 1 << 20, "1m"), "nginx plain", wrk(16), "answer")
    if name == "TLS":
        return Work(name, "64 connections of TLS 1.3, kept", tls(folder), "nginx TLS", wrk(64))
    if name == "handshakes":
        return Work(name, "full handshakes of TLS 1.3, one after the other", tls(folder), "nginx TLS", handshakes,
                    "handshake")
    if name == "latency":
        full = [peer for peer in peers.all_peers(folder, envoy_binary) if peer.name.endswith((" full", " plain"))]
        return Work(name, f"{PACE:,} requests a second on 50 connections", full, "nginx plain", paced(50, PACE))
    if name == "conditions":
        return Work(name, "64 connections, matches on one path told apart by a header, the last of them asked for",
                    growing_conditions(folder), "Tollgate 1 conditions", wrk(64))
    return Work(name, "16 connections over TLS with 10 streams each, HTTP/1.1 to the upstream", tls(folder), "haproxy TLS",
                h2load(16, 10))


NAMES = ["requests", "64 KiB", "1 MiB", "TLS", "handshakes", "HTTP/2", "conditions", "latency"]
