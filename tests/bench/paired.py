#!/usr/bin/env python3
"""CPU per request of Tollgate and its peers, measured in one run, in random order, on the same work.

The figure is the processor time of the proxy's threads (schedstat) divided by the requests that wrk counted: it is
steady on a shared machine where requests per second are not. Proxy on one core, load and upstream on the other.
"""

import argparse
import datetime
import glob
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import peers

PROXY_CORE, LOAD_CORE = "1", "0"
CONNECTIONS = "64"


def cpu_seconds(pid):
    total = 0
    for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
        with open(path) as file:
            total += int(file.read().split()[0])
    return total / 1e9


def resident_mib(pid):
    with open(f"/proc/{pid}/status") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) / 1024


class Running:
    """A process of a peer; `pid` is the one that serves (nginx's worker)."""

    def __init__(self, command, core):
        self.process = subprocess.Popen(["taskset", "-c", core] + command, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        self.pid = self.process.pid

    def find_worker(self):
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True,
                                  text=True).stdout.split()
        if children:
            self.pid = int(children[0])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def await_answer(url, headers):
    arguments = ["curl", "-s", "--noproxy", "*", "-o", "/dev/null", "-w", "%{http_code}", url]
    for name, value in headers.items():
        arguments += ["-H", f"{name}: {value}"]
    for _ in range(100):
        code = subprocess.run(arguments, capture_output=True, text=True).stdout
        if code == "200":
            return
        time.sleep(0.1)
    sys.exit(f"{url} did not answer 200 but {code}")


def load(url, headers, seconds):
    command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", "--latency", url]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    requests = int(re.search(r"(\d+) requests in", text).group(1))
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    if refused:
        sys.exit(f"{url}: {refused.group(1)} of {requests} answers were errors")
    return requests, re.search(r"^\s+99%\s+(\S+)", text, re.MULTILINE).group(1)


def measure(peer, seconds):
    before = cpu_seconds(peer.running.pid)
    requests, p99 = load(peer.url, peer.headers, seconds)
    spent = cpu_seconds(peer.running.pid) - before
    return spent / requests * 1e6, requests / seconds, p99


def start(peer):
    peer.running = Running(peer.command, PROXY_CORE)
    await_answer(peer.url, peer.headers)
    peer.running.find_worker()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--envoy")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tollgate-bench-") as folder:
        compared = peers.all_peers(folder, options.envoy)
        upstream = Running(peers.upstream(folder), LOAD_CORE)
        try:
            for peer in compared:
                start(peer)
                load(peer.url, peer.headers, 1)
            report(compared, run_rounds(compared, options))
        finally:
            for peer in compared:
                if peer.running:
                    peer.running.stop()
            upstream.stop()


def run_rounds(compared, options):
    samples = {peer.name: [] for peer in compared}
    for done in range(options.rounds):
        for peer in random.sample(compared, len(compared)):
            samples[peer.name].append(measure(peer, options.seconds))
        print(f"round {done + 1} of {options.rounds}", file=sys.stderr)
    return samples


def report(started, samples):
    reference = [sample[0] for sample in samples["nginx plain"]]
    print(f"{datetime.date.today()}, {os.cpu_count()} cores, {CONNECTIONS} connections, "
          f"{len(reference)} rounds; ratio: CPU per request, nginx plain = 1\n")
    print("| | ratio | range | µs/request | requests/s | p99 | MiB |\n| --- | --- | --- | --- | --- | --- | --- |")
    for peer in started:
        ratios = [sample[0] / base for sample, base in zip(samples[peer.name], reference)]
        cost = statistics.median(sample[0] for sample in samples[peer.name])
        rate = statistics.median(sample[1] for sample in samples[peer.name])
        print(f"| {peer.name} | {statistics.median(ratios):.2f} | {min(ratios):.2f}–{max(ratios):.2f} | {cost:.1f} "
              f"| {rate:,.0f} | {samples[peer.name][-1][2]} | {resident_mib(peer.running.pid):.0f} |")


if __name__ == "__main__":
    main()
