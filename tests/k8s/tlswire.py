"""A TLS client and a server in memory, with the server's first messages in pieces or made up."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from hashlib import sha256

ALERT, HANDSHAKE = 21, 22
FFDHE8192, SECP384R1 = 0x0104, 0x0018
_RETRY = sha256(b"HelloRetryRequest").digest()

Pieces = Callable[[bytes], list[bytes]]
"""A function from the server's first messages to the pieces in which they arrive."""


class Wire:
    """A client and a server in memory; the server's first messages arrive as `pieces` returns them."""

    def __init__(self, client: ssl.SSLContext, server: ssl.SSLContext) -> None:
        self.to_client, self.from_client = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.to_server, self.from_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.client = client.wrap_bio(self.to_client, self.from_client, server_hostname="localhost")
        self.server = server.wrap_bio(self.to_server, self.from_server, server_side=True)

    def client_hello(self) -> bytes:
        """Returns the client's first record."""
        assert not self.goes_on(self.client)
        return self.from_client.read()

    def first_flight(self) -> bytes:
        """Returns the server's answer to it."""
        self.to_server.write(self.client_hello())
        assert not self.goes_on(self.server)
        return self.from_server.read()

    def is_agreed(self, pieces: Pieces = lambda flight: [flight]) -> bool:
        """Makes the whole handshake; returns whether it succeeds."""
        for piece in pieces(self.first_flight()):
            self.to_client.write(piece)
            client_is_done = self.goes_on(self.client)
        for _ in range(3):
            self.to_server.write(self.from_client.read())
            server_is_done = self.goes_on(self.server)
            self.to_client.write(self.from_server.read())
            client_is_done = client_is_done or self.goes_on(self.client)
        return client_is_done and server_is_done

    @staticmethod
    def goes_on(side: ssl.SSLObject) -> bool:
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True


def answers_with_a_key(wire: Wire, arriving: bytes) -> bool:
    """Feeds a client; returns whether it makes a key, and sends it in a second ClientHello."""
    wire.to_client.write(arriving)
    try:
        wire.goes_on(wire.client)
    except ssl.SSLError:
        return False
    return any(record[0] == HANDSHAKE for record in records(wire.from_client.read()))


def record(kind: int, payload: bytes, version: bytes = b"\3\3") -> bytes:
    return bytes([kind]) + version + len(payload).to_bytes(2, "big") + payload


def records(flight: bytes) -> Iterator[bytes]:
    while flight:
        size = 5 + int.from_bytes(flight[3:5], "big")
        yield flight[:size]
        flight = flight[size:]


def in_records(message: bytes, payload_bytes: int) -> bytes:
    """Returns a message in records of a given size."""
    starts = range(0, len(message), payload_bytes)
    return b"".join(record(HANDSHAKE, message[start : start + payload_bytes]) for start in starts)


def retry(client_hello: bytes, group: int) -> bytes:
    """Returns a HelloRetryRequest to a client's first record with a group, whether offered or not."""
    session = client_hello[44 : 44 + client_hello[43]]
    extensions = b"\0\x2b\0\2\3\4\0\x33\0\2" + group.to_bytes(2, "big")
    return _message(_RETRY + bytes([len(session)]) + session, extensions)


def server_hello(client_hello: bytes, group: int, key: bytes) -> bytes:
    """Returns a ServerHello to a client's first record with a key in a group."""
    session = client_hello[44 : 44 + client_hello[43]]
    share = group.to_bytes(2, "big") + len(key).to_bytes(2, "big") + key
    extensions = b"\0\x2b\0\2\3\4\0\x33" + len(share).to_bytes(2, "big") + share
    return _message(bytes(32) + bytes([len(session)]) + session, extensions)


def _message(random_and_session: bytes, extensions: bytes) -> bytes:
    body = b"\3\3" + random_and_session + b"\x13\1\0" + len(extensions).to_bytes(2, "big") + extensions
    return b"\2" + len(body).to_bytes(3, "big") + body


@asynccontextmanager
async def choosing(group: int) -> AsyncIterator[int]:
    """Runs a server on loopback that chooses a group, whether offered or not; yields its port."""

    async def choose(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readexactly(5)
        hello = head + await reader.readexactly(int.from_bytes(head[3:], "big"))
        writer.write(record(HANDSHAKE, retry(hello, group)))
        with suppress(ConnectionError):
            await reader.read()
        writer.close()

    server = await asyncio.start_server(choose, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
