"""slowhttptest's four attacks with 600 connections each, beside 200 good requests a second. Run by
hack/conformance.sh slow_clients.

usage: slow_clients.py PROGRAMS [SECONDS]
"""

import pathlib
import subprocess
import sys
import tempfile

import kit
import upstream

CONNECTIONS = 600
RATE = 200
SLOWEST_S = 0.100  # the 99th of 100 good requests

# What each attack does, by slowhttptest's letter for it.
ATTACKS = {
    "H": ("heads that never end", ["-i", "5", "-x", "24"]),
    "B": ("bodies that never end", ["-t", "POST", "-s", "8192", "-i", "5", "-x", "10"]),
    "R": ("overlapping ranges", ["-t", "HEAD", "-a", "10", "-b", "3000"]),
    "X": ("answers read a few bytes at a time", ["-w", "512", "-y", "1024", "-n", "5", "-z", "32", "-k", "3"]),
}


def attack(letter, port, seconds):
    """Returns what slowhttptest says about itself."""
    flags = ATTACKS[letter][1]
    return subprocess.run(
        ["slowhttptest", f"-{letter}", "-c", str(CONNECTIONS), "-r", "200", "-l", str(seconds), "-p", "3", *flags,
         "-u", f"http://127.0.0.1:{port}/bytes/{1 << 20}"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=seconds + 60).stdout


def main():
    programs = sys.argv[1]
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    verdict = kit.Verdict("attack", "what", "good requests", "failed", "p50 ms", "p99 ms", "memory MiB")
    with tempfile.TemporaryDirectory() as name, upstream.Upstream() as large:
        folder = pathlib.Path(name)
        with kit.echo(programs, folder) as echo, \
                kit.gateway(programs, folder, large.port, good=echo) as (process, ports):
            for letter, (what, _) in ATTACKS.items():
                with kit.GoodRequests(ports["http"], RATE) as good:
                    said = attack(letter, ports["http"], seconds)
                if "slow" not in said.lower():
                    sys.exit(f"slow_clients.py: slowhttptest did not run: {said[-2000:]}")
                slowest = good.percentile(0.99)
                verdict.line(not good.failures and slowest < SLOWEST_S, f"-{letter}", what, good.sent,
                             len(good.failures), f"{good.percentile(0.5) * 1e3:.1f}", f"{slowest * 1e3:.1f}",
                             f"{kit.resident(process) / 2**20:.0f}")
                for failure in good.failures[:3]:
                    print(f"  {failure}")
    verdict.end()


if __name__ == "__main__":
    main()
