#!/usr/bin/env python3
"""CPU per request of Tollgate and its peers, measured in one run, in random order, on the same work.

The figure is the processor time of the proxy's threads (schedstat) divided by the requests that the load counted: it is
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
import works

PROXY_CORE, LOAD_CORE = "1", "0"


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
    arguments = ["curl", "-sk", "--noproxy", "*", "-o", "/dev/null", "-w", "%{http_code}", url]
    for name, value in headers.items():
        arguments += ["-H", f"{name}: {value}"]
    for _ in range(100):
        code = subprocess.run(arguments, capture_output=True, text=True).stdout
        if code == "200":
            return
        time.sleep(0.1)
    sys.exit(f"{url} did not answer 200 but {code}")


def measure(work, peer, seconds):
    """Processor seconds of a request, requests a second, and the p99 as the load says it."""
    before = cpu_seconds(peer.running.pid)
    requests, p99 = work.load(peer, LOAD_CORE, seconds)
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
    parser.add_argument("--work", action="append", choices=works.NAMES)
    options = parser.parse_args()
    for name in options.work or works.NAMES[:1]:
        with tempfile.TemporaryDirectory(prefix="tollgate-bench-") as folder:
            run(works.make(name, folder, options.envoy), folder, options)


def run(work, folder, options):
    upstream = Running(peers.upstream(folder), LOAD_CORE)
    try:
        for peer in work.peers:
            start(peer)
            work.load(peer, LOAD_CORE, 1)
        report(work, run_rounds(work, options))
    finally:
        for peer in work.peers:
            if peer.running:
                peer.running.stop()
        upstream.stop()


def run_rounds(work, options):
    samples = {peer.name: [] for peer in work.peers}
    for done in range(options.rounds):
        for peer in random.sample(work.peers, len(work.peers)):
            samples[peer.name].append(measure(work, peer, options.seconds))
        print(f"{work.name}: round {done + 1} of {options.rounds}", file=sys.stderr)
    return samples


def report(work, samples):
    reference = [sample[0] for sample in samples[work.reference]]
    print(f"{datetime.date.today()}, {os.cpu_count()} cores, {work.name}: {work.how}, "
          f"{len(reference)} rounds; ratio: CPU per {work.unit}, {work.reference} = 1\n")
    print(f"| | ratio | range | µs/{work.unit} | {work.unit}s/s | p99 | MiB |\n"
          "| --- | --- | --- | --- | --- | --- | --- |")
    for peer in work.peers:
        ratios = [sample[0] / base for sample, base in zip(samples[peer.name], reference)]
        cost = statistics.median(sample[0] for sample in samples[peer.name])
        rate = statistics.median(sample[1] for sample in samples[peer.name])
        print(f"| {peer.name} | {statistics.median(ratios):.2f} | {min(ratios):.2f}–{max(ratios):.2f} | {cost:.1f} "
              f"| {rate:,.0f} | {samples[peer.name][-1][2]} | {resident_mib(peer.running.pid):.0f} |")
    print()


if __name__ == "__main__":
    main()
