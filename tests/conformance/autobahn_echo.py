"""Drives the echo server of websocket.py by a client that others wrote again: autobahn. Gives what it saw, case by case."""

import asyncio
import hashlib
import urllib.parse

from autobahn.asyncio.websocket import WebSocketClientFactory, WebSocketClientProtocol

WAIT_S = 60


class Client(WebSocketClientProtocol):
    def __init__(self):
        super().__init__()
        self.opened = asyncio.get_running_loop().create_future()
        self.heard = asyncio.Queue()
        self.ended = asyncio.get_running_loop().create_future()

    def onOpen(self):
        self.opened.set_result(None)

    def onMessage(self, payload, isBinary):
        text = "binary" if isBinary else "text"
        self.heard.put_nowait(f"{text} of {len(payload)}, {hashlib.sha256(payload).hexdigest()}")

    def onPong(self, payload):
        self.heard.put_nowait(f"pong {payload!r}")

    def onClose(self, wasClean, code, reason):
        self.ended.set_result(f"closed {'cleanly' if wasClean else 'uncleanly'} with {code} {reason!r}")
        if not self.opened.done():
            self.opened.set_exception(ConnectionError(reason))

    async def next(self):
        return await asyncio.wait_for(self.heard.get(), WAIT_S)

    async def end(self):
        return await asyncio.wait_for(asyncio.shield(self.ended), WAIT_S)


async def connect(url, path):
    where = urllib.parse.urlsplit(url)
    factory = WebSocketClientFactory(url + path)
    factory.protocol = Client
    factory.setProtocolOptions(openHandshakeTimeout=WAIT_S, closeHandshakeTimeout=WAIT_S)  # 1 s is too short beside load
    _, client = await asyncio.get_running_loop().create_connection(factory, where.hostname, where.port)
    await asyncio.wait_for(client.opened, WAIT_S)
    return client


async def echoed(url, send, count=1):
    client = await connect(url, "/echo")
    send(client)
    heard = [await client.next() for _ in range(count)]
    client.sendClose(1000)
    return heard, await client.end()


def fragments(pieces, binary):
    def send(client):
        client.beginMessage(binary)
        for piece in pieces:
            client.sendMessageFrame(piece)
        client.endMessage()
    return send


def with_ping_between(client):
    client.beginMessage(False)
    client.sendMessageFrame(b"before ")
    client.sendPing(b"in the middle")
    client.sendMessageFrame(b"after")
    client.endMessage()


async def closed_by_client(url, code, reason):
    client = await connect(url, "/echo")
    client.sendClose(code, reason)
    return await client.end()


async def closed_by_server(url, path):
    client = await connect(url, path)
    client.sendMessage(b"now")
    return await client.end()


def cases(url):
    """Name and coroutine of each."""
    for size in (0, 1, 125, 126, 127, 65535, 65536, 1_000_003, 16 << 20):
        yield f"text of {size}", echoed(url, lambda client, size=size: client.sendMessage(b"t" * size))
        yield f"binary of {size}", echoed(url, lambda client, size=size: client.sendMessage(b"\xfe" * size, True))
    yield "fragments of text", echoed(url, fragments([b"ab", b"", b"cd"], False))
    yield "fragments of bytes", echoed(url, fragments([b"a" * 70_000, b"b", b"c" * 5], True))
    yield "a ping between fragments", echoed(url, with_ping_between, 2)
    for payload in (b"", b"ping", b"p" * 125):
        yield f"ping of {len(payload)}", echoed(url, lambda client, payload=payload: client.sendPing(payload))
    for code, reason in ((1000, None), (1000, "done"), (3000, "own"), (4999, "r" * 123)):
        yield f"client closes with {code}", closed_by_client(url, code, reason)
    for code in (1000, 1001, 1008, 1011, 4999):
        yield f"server closes with {code}", closed_by_server(url, f"/close/{code}")
    yield "server is gone", closed_by_server(url, "/gone")
