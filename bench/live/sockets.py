"""A process with many WebSockets, ten subscriptions on each: `python -m bench.live.sockets PORT TOKEN SUBSCRIPTIONS`.

It prints a line when all have their first state. For each further line of its input it prints what came since the one
before: payloads, and the milliseconds from each change until its last subscriber had it.
"""

import asyncio
import json
import re
import sys
from base64 import b64encode
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from itertools import cycle, islice
from time import monotonic_ns
from typing import Final, cast

import msgspec
import uvloop

from bench.live.questions import questions
from bench.live.world import AT

SUBSCRIPTIONS_EACH: Final = 10
_AT_ONCE: Final = 20
"""Connections that begin at the same time."""
_MARK: Final = re.compile(rb'"%b":"(\d+)"' % AT.encode())
_SHORT, _LONG = 126, 127
_CONTROL: Final = 8
"""The first opcode of control frames, which come between fragments, too."""


class Received(msgspec.Struct):
    """Arrivals since the line before.

    Attributes:
        payloads: The number of payloads.
        last_ms: The milliseconds of each change until its last subscriber had it.
    """

    payloads: int
    last_ms: list[float]


class Arrivals:
    """The payloads of all connections."""

    def __init__(self) -> None:
        self.payloads = 0
        self.last_ms: defaultdict[bytes, float] = defaultdict(float)

    def came(self, marks: list[bytes]) -> None:
        """Takes the changes of a payload, by their times in nanoseconds."""
        self.payloads += 1
        for mark in marks:
            self.last_ms[mark] = max(self.last_ms[mark], (monotonic_ns() - int(mark)) / 1e6)

    def took(self) -> Received:
        """Returns what came, and begins anew."""
        received = Received(self.payloads, [*self.last_ms.values()])
        self.payloads = 0
        self.last_ms.clear()
        return received


class Socket(asyncio.Protocol):
    """A client with some subscriptions; `live` is done when the cluster is live for all of them."""

    def __init__(self, arrivals: Arrivals, token: str, subscriptions: Sequence[str]) -> None:
        self.live: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._arrivals = arrivals
        self._begin = {"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}}
        self._subscriptions = {str(place): text for place, text in enumerate(subscriptions)}
        self._syncing = set(self._subscriptions)
        self._received = bytearray()
        self._message = bytearray()
        self._is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Requests the upgrade."""
        self._transport = cast(asyncio.Transport, transport)
        head = (
            "GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {b64encode(bytes(16)).decode()}\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
        )
        self._transport.write(head.encode())

    def connection_lost(self, error: Exception | None) -> None:
        """Fails if it is not live."""
        if not self.live.done():
            self.live.set_exception(error or ConnectionError("the WebSocket was closed"))

    def data_received(self, data: bytes) -> None:
        """Takes each complete frame."""
        self._received += data
        if not self._is_open:
            head, end, rest = self._received.partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head:
                self.live.set_exception(ConnectionError(head.decode()))
            self._is_open, self._received = True, bytearray(rest)
            self._send(1, json.dumps(self._begin).encode())
        while (frame := self._frame()) is not None:
            is_last, code, body = frame
            if code >= _CONTROL:
                self._answer(code, body)
                continue
            self._message += body  # large messages come in fragments
            if is_last:
                message, self._message = bytes(self._message), bytearray()
                self._take(message)

    def _frame(self) -> tuple[bool, int, bytes] | None:
        data = self._received
        if len(data) < 2:
            return None
        length, start = data[1], 2
        if length >= _SHORT:
            size = 2 if length == _SHORT else 8
            length, start = int.from_bytes(data[2 : 2 + size], "big"), 2 + size
        if len(data) < start + length:
            return None
        frame = data[0] >= 128, data[0] & 15, bytes(data[start : start + length])
        del data[: start + length]
        return frame

    def _answer(self, code: int, body: bytes) -> None:
        if code == 9:
            self._send(10, body)
        elif code == 8:
            self._transport.close()

    def _take(self, body: bytes) -> None:
        if body.startswith(b'{"type":"connection_ack"'):
            for place, text in self._subscriptions.items():
                subscribe = {"id": place, "type": "subscribe", "payload": {"query": text}}
                self._send(1, json.dumps(subscribe).encode())
        elif marks := _MARK.findall(body):
            self._arrivals.came(marks)
        elif not self.live.done():
            if b'"state":"LIVE"' in body:
                self._syncing.discard(json.loads(body)["id"])
                if not self._syncing:
                    self.live.set_result(None)
            elif b'"type":"next"' not in body:
                self.live.set_exception(ConnectionError(body[:500].decode()))

    def _send(self, code: int, body: bytes) -> None:
        """Sends a frame; the mask is 0."""
        length = len(body)
        size = bytes([128 | length]) if length < _SHORT else bytes([128 | _SHORT]) + length.to_bytes(2, "big")
        self._transport.write(bytes([128 | code]) + size + bytes(4) + body)


def _same(socket: Socket) -> Socket:
    return socket


async def _main(port: int, token: str, subscriptions: int) -> None:
    loop, arrivals, asked = asyncio.get_running_loop(), Arrivals(), cycle(questions())
    sockets = [
        Socket(arrivals, token, [*islice(asked, SUBSCRIPTIONS_EACH)])
        for _ in range(subscriptions // SUBSCRIPTIONS_EACH)
    ]
    for place in range(0, len(sockets), _AT_ONCE):
        some = sockets[place : place + _AT_ONCE]
        for socket in some:
            await loop.create_connection(partial(_same, socket), "127.0.0.1", port)
        await asyncio.gather(*(socket.live for socket in some))
    print("live", flush=True)
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while await lines.readline():
        print(msgspec.json.encode(arrivals.took()).decode(), flush=True)


if __name__ == "__main__":
    uvloop.run(_main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
