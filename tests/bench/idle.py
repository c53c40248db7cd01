#!/usr/bin/env python3
"""The memory of idle keep-alive connections (F9 of docs/performance.md). Asserts nothing.

usage: idle.py PROGRAMS [CONNECTIONS]

Each connection is served once and then says nothing. What is told is anonymous memory beyond that of the gateway with one
connection, per connection, once all are parked; and how many are served again after that.
"""

import pathlib
import re
import resource
import socket
import ssl
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "conformance"))

import kit  # noqa: E402
import upstream  # noqa: E402

REQUEST = b"GET /bytes/100 HTTP/1.1\r\nHost: localhost\r\n\r\n"
PARKED_S = 5


def anonymous_kib(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"^RssAnon:\s+(\d+) kB$", status, re.M)[1])


def serve(connection):
    """Whether one request is answered whole."""
    connection.sendall(REQUEST)
    answer = b""
    while len(answer.partition(b"\r\n\r\n")[2]) < 100:
        piece = connection.recv(4096)
        if not piece:
            return False
        answer += piece
    return answer.startswith(b"HTTP/1.1 200 ")


def connect(port, context):
    connection = socket.create_connection(("127.0.0.1", port))
    return context.wrap_socket(connection, server_hostname="localhost") if context else connection


def measure(name, process, port, count, context=None):
    first = connect(port, context)
    serve(first)
    time.sleep(PARKED_S)
    before = anonymous_kib(process)
    idle = []
    for _ in range(count):
        idle.append(connect(port, context))
        serve(idle[-1])
    time.sleep(PARKED_S)
    each = (anonymous_kib(process) - before) / count
    again = sum(serve(connection) for connection in idle)
    print(f"| {name} | {count:,} | {each:.1f} | {again:,} |")
    for connection in [first, *idle]:
        connection.close()


def main():
    programs = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # the gateway inherits it
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with tempfile.TemporaryDirectory() as name, upstream.Upstream() as plain:
        folder = pathlib.Path(name)
        with kit.gateway(programs, folder, plain.port) as (process, ports):
            print("| connections | count | KiB each | served again |\n| --- | --- | --- | --- |")
            measure("in the clear", process, ports["http"], count)
            measure("TLS", process, ports["https"], count, context)


if __name__ == "__main__":
    main()
