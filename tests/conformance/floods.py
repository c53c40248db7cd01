"""What a caller can do to an HTTP/2 server with cheap frames, each for a minute over several connections, beside 200 good
requests a second. Run by hack/conformance.sh floods.

usage: floods.py PROGRAMS [SECONDS]

Judged: no good request fails, 99 of 100 are answered within 100 ms, and memory does not grow (after the first flood of a
kind, which may leave buffers that are used again).
"""

import itertools
import pathlib
import socket
import struct
import sys
import tempfile
import threading
import time

import kit
import upstream

CONNECTIONS = 8
RATE = 200
SLOWEST_S = 0.100
GROWTH_BYTES = 8 << 20
BATCH = 200  # frames, or pairs of them, that are sent at once

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 8, 9
ACK, END_STREAM, END_HEADERS = 1, 1, 4
CANCEL = struct.pack(">I", 8)


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def literal(name, value):
    """A field of HPACK that nobody needs to remember (RFC 7541, section 6.2.2)."""
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


# GET http://flood.example/: :method, :scheme and :path stand in HPACK's own table.
REQUEST = b"\x82\x86\x84" + literal(b":authority", b"flood.example")
LARGE_REQUEST = b"\x82\x86" + literal(b":path", b"/bytes/1048576") + literal(b":authority", b"upstream.example")
POST = b"\x83\x86\x84" + literal(b":authority", b"flood.example")


def rapid_reset(streams):
    return b"".join(frame(HEADERS, END_HEADERS | END_STREAM, stream, REQUEST) + frame(RST_STREAM, 0, stream, CANCEL)
                    for stream in itertools.islice(streams, BATCH))


def later_reset(streams, begun):
    """The same, but each batch is cancelled once it is on its way."""
    numbers = list(itertools.islice(streams, BATCH // 4))
    requests = b"".join(frame(HEADERS, END_HEADERS | END_STREAM, stream, REQUEST) for stream in numbers)
    if not begun:
        return requests
    resets = b"".join(frame(RST_STREAM, 0, stream - 2 * len(numbers), CANCEL) for stream in numbers)
    return resets + requests


def continuation(streams, begun):
    """One head that never ends."""
    first = b"" if begun else frame(HEADERS, END_STREAM, next(streams), REQUEST)
    return first + b"".join(frame(CONTINUATION, 0, 1, literal(b"x-flood", b"a" * 60)) for _ in range(BATCH))


def empty_continuation(streams, begun):
    first = b"" if begun else frame(HEADERS, END_STREAM, next(streams), REQUEST)
    return first + frame(CONTINUATION, 0, 1) * BATCH


def header_bomb(streams):
    """Heads that refer again and again to one large field in HPACK's table."""
    large = b"\x40" + bytes([6]) + b"x-bomb" + b"\x7f" + b"\xe1\x1e" + b"a" * 4000
    return b"".join(frame(HEADERS, END_HEADERS | END_STREAM, stream, REQUEST + large + b"\xbe" * 2000)
                    for stream in itertools.islice(streams, 4))


def settings(_):
    return frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 65535)) * BATCH


def ping(_):
    return frame(PING, 0, 0, b"12345678") * BATCH


def empty_data(streams, begun):
    first = b"" if begun else frame(HEADERS, END_HEADERS, next(streams), POST)
    return first + frame(DATA, 0, 1) * BATCH


def window_updates(_):
    return frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1)) * BATCH


def closed_window(streams, begun):
    """Large answers are asked for, and no window is ever opened for them but a byte at a time."""
    if begun:
        return frame(WINDOW_UPDATE, 0, 1, struct.pack(">I", 1)) * 4
    small = frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 1))
    return small + b"".join(frame(HEADERS, END_HEADERS | END_STREAM, stream, LARGE_REQUEST)
                            for stream in itertools.islice(streams, 50))


FLOODS = {"rapid reset": rapid_reset, "later reset": later_reset, "CONTINUATION": continuation,
          "empty CONTINUATION": empty_continuation,
          "HPACK bomb": header_bomb, "SETTINGS": settings, "PING": ping, "empty DATA": empty_data,
          "WINDOW_UPDATE": window_updates, "closed windows": closed_window}


class Flood:
    """One caller that floods until it is cut off, and begins again. Counts the connections that were ended for it."""

    def __init__(self, port, batches, end):
        self.port, self.batches, self.end, self.ended = port, batches, end, 0
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        while time.monotonic() < self.end:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                    connection.sendall(PREFACE + frame(SETTINGS, 0, 0))
                    self._flood(connection)
            except OSError:
                self.ended += 1

    def _flood(self, connection):
        streams = itertools.count(1, 2)
        takes_state = self.batches.__code__.co_argcount == 2
        for begun in itertools.chain([False], itertools.repeat(True)):
            if time.monotonic() >= self.end:
                return
            connection.sendall(self.batches(streams, begun) if takes_state else self.batches(streams))
            self._read(connection)
            time.sleep(0.002)  # so that the flood's own work leaves the machine to what is measured

    @staticmethod
    def _read(connection):
        connection.setblocking(False)
        try:
            while piece := connection.recv(1 << 16):
                pass
            if piece == b"":
                raise ConnectionResetError("ended")
        except BlockingIOError:
            pass
        finally:
            connection.settimeout(5)


def main():
    programs = sys.argv[1]
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    verdict = kit.Verdict("flood", "connections ended", "good requests", "failed", "p50 ms", "p99 ms", "memory MiB",
                          "growth MiB")
    with tempfile.TemporaryDirectory() as name, upstream.Upstream() as large:
        folder = pathlib.Path(name)
        with kit.echo(programs, folder) as echo, \
                kit.gateway(programs, folder, large.port, good=echo, flood=echo) as (process, ports):
            for kind, batches in FLOODS.items():
                with kit.GoodRequests(ports["http"], RATE) as good:
                    end = time.monotonic() + seconds
                    floods = [Flood(ports["http"], batches, end) for _ in range(CONNECTIONS)]
                    time.sleep(seconds / 4)
                    before = kit.resident(process)
                    for flood in floods:
                        flood.thread.join()
                growth = kit.resident(process) - before
                slowest = good.percentile(0.99)
                verdict.line(not good.failures and slowest < SLOWEST_S and growth < GROWTH_BYTES, kind,
                             sum(flood.ended for flood in floods), good.sent, len(good.failures),
                             f"{good.percentile(0.5) * 1e3:.1f}", f"{slowest * 1e3:.1f}",
                             f"{kit.resident(process) / 2**20:.0f}", f"{growth / 2**20:.1f}")
                for failure in good.failures[:3]:
                    print(f"  {failure}")
    verdict.end()


if __name__ == "__main__":
    main()
