"""An upstream of large and slow answers, for the scripts beside it. A thread a connection.

GET /bytes/N   N bytes
GET /events/N  N server-sent events, a tenth of a second apart; each says when it was sent (time.monotonic)
POST anything  reads the body, which has to be zeros, and says how many bytes it had
"""

import re
import socket
import threading
import time

PIECE = bytes(1 << 20)


class Upstream:
    """Listens on 127.0.0.1:`port`. As a context; connections end with their callers."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.port = self._listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection):
        # A body would else wait until the head before it has been acknowledged, 40 ms later.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection, connection.makefile("rb", buffering=len(PIECE)) as requests:
            try:
                while self._answer(connection, requests):
                    pass
            except OSError:
                pass  # the caller left

    def _answer(self, connection, requests):
        line = requests.readline().decode()
        if not line:
            return False
        length = 0
        while (field := requests.readline().decode().strip().lower()):
            if field.startswith("content-length:"):
                length = int(field.split(":")[1])
        method, target, _ = line.split()
        if method == "POST":
            text = str(self._count(requests, length)).encode()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))
        elif match := re.fullmatch(r"/bytes/(\d+)", target):
            self._send_zeros(connection, int(match[1]))
        elif match := re.fullmatch(r"/events/(\d+)", target):
            self._send_events(connection, int(match[1]))
        else:
            connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        return True

    @staticmethod
    def _count(requests, length):
        seen = 0
        while seen < length and (piece := requests.read1(min(len(PIECE), length - seen))):
            if piece.count(0) != len(piece):
                return -1
            seen += len(piece)
        return seen

    @staticmethod
    def _send_zeros(connection, length):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n"
                           % length)
        while length > 0:
            length -= connection.send(memoryview(PIECE)[:length])

    @staticmethod
    def _send_events(connection, count):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(count):
            event = b"data: %.6f\n\n" % time.monotonic()
            connection.sendall(b"%x\r\n%s\r\n" % (len(event), event))
            time.sleep(0.1)
        connection.sendall(b"0\r\n\r\n")
