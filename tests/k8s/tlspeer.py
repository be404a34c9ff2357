"""The other end of a TLS connection over a socket, which can send any record.

Python sends no session tickets or changes of keys on demand. So the records of TLS 1.3 (RFC 8446, sections 5.2 and 7.3)
are built here, from the secret that the TLS library logs.
"""

import asyncio
import hmac
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.k8s.kubeconfig_samples import authority

DATA, HANDSHAKE = 23, 22
TICKET = b"\x04\0\0\x0e" + b"\0\0\x0e\x10" + b"\0\0\0\1" + b"\0" + b"\0\1x" + b"\0\0"
"""The smallest session ticket."""


def contexts(directory: Path, version: str = "TLSv1_3") -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Returns the contexts of a server, which sends no tickets, and of a client; both log their secrets."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*authority().issue().write(directory, "server"))
    server.num_tickets = 0
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(cadata=authority().pem.decode())
    for context in (server, client):
        context.maximum_version = ssl.TLSVersion[version]
        context.keylog_filename = str(directory / "secrets")
    return server, client


class Peer:
    """One end of a connection; `write` and records that are built here cannot be mixed."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        context: ssl.SSLContext,
        *,
        is_client: bool = False,
    ) -> None:
        self._reader, self._writer = reader, writer
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        hostname = "localhost" if is_client else None
        self._tls = context.wrap_bio(
            self._incoming, self._outgoing, server_side=not is_client, server_hostname=hostname
        )
        self._secrets, self._side = Path(context.keylog_filename), "CLIENT" if is_client else "SERVER"
        self._sequence = 0
        self._secret = b""
        self.turns_between: int | None = None
        """Turns of the loop between two halves of the sent data, if it is sent in halves."""

    async def agree(self, data: bytes = b"") -> None:
        """Makes the handshake; data may go with its last message."""

        def step() -> None:
            self._tls.do_handshake()
            if data:
                self._tls.write(data)

        await self._until(step)
        lines = self._secrets.read_text().splitlines()
        secrets = [line.split()[2] for line in lines if line.startswith(f"{self._side}_TRAFFIC_SECRET_0")]
        self._secret = bytes.fromhex(secrets[-1]) if secrets else b""

    async def write(self, data: bytes) -> None:
        """Sends data."""
        self._tls.write(data)
        await self.send(self._outgoing.read())

    async def read(self) -> bytes:
        """Receives data; returns nothing at the end."""
        with suppress(ssl.SSLError, OSError):
            return await self._until(lambda: self._tls.read(65536))
        return b""

    async def send(self, records: bytes) -> None:
        """Sends records, or any bytes."""
        if self.turns_between is not None:
            half = len(records) // 2
            self._writer.write(records[:half])
            records = records[half:]
            for _ in range(self.turns_between):
                await asyncio.sleep(0)
        self._writer.write(records)
        await self._writer.drain()

    async def send_until_cut_off(self, record_of: Callable[["Peer"], bytes], most: int) -> bool:
        """Sends records of this type, up to a number; returns whether the other end aborted the connection."""
        try:
            for _ in range(most):
                await self.send(record_of(self))
            return not await self._reader.read()
        except ConnectionError:
            return True

    async def _until(self, step: Callable[[], object]) -> bytes:
        while True:
            try:
                done = step()
            except ssl.SSLWantReadError:
                await self.send(self._outgoing.read())
                arrived = await self._reader.read(65536)
                if not arrived:
                    raise ConnectionResetError from None
                self._incoming.write(arrived)
            else:
                await self.send(self._outgoing.read())
                return done if isinstance(done, bytes) else b""

    def record(self, kind: int, data: bytes) -> bytes:
        """Returns the next record of TLS 1.3."""
        cipher, iv = _keys(self._secret)
        head = b"\x17\3\3" + (len(data) + 17).to_bytes(2, "big")
        nonce = (iv ^ self._sequence).to_bytes(12, "big")
        self._sequence += 1
        return head + cipher.encrypt(nonce, data + bytes([kind]), head)

    def key_update(self) -> bytes:
        """Returns a record that changes the keys of later ones."""
        record = self.record(HANDSHAKE, b"\x18\0\0\1\0")
        self._secret, self._sequence = _derived(self._secret, b"traffic upd", 48), 0
        return record


@lru_cache(maxsize=8)
def _keys(secret: bytes) -> tuple[AESGCM, int]:
    """Returns the cipher and the initialization vector of a secret's records."""
    return AESGCM(_derived(secret, b"key", 32)), int.from_bytes(_derived(secret, b"iv", 12), "big")


def _derived(secret: bytes, label: bytes, size: int) -> bytes:
    """Returns one block of HKDF-Expand-Label."""
    info = size.to_bytes(2, "big") + bytes([6 + len(label)]) + b"tls13 " + label + b"\0"
    return hmac.digest(secret, info + b"\1", "sha384")[:size]


def tickets(peer: Peer) -> bytes:
    """Returns a record of nothing but session tickets."""
    return peer.record(HANDSHAKE, TICKET * (16384 // len(TICKET)))


def single_tickets(peer: Peer) -> bytes:
    """Returns records of one session ticket each."""
    return b"".join(peer.record(HANDSHAKE, TICKET) for _ in range(64))


def key_updates(peer: Peer) -> bytes:
    """Returns changes of keys with a byte each, as many as the TLS library accepts."""
    return b"".join([*(peer.key_update() for _ in range(31)), peer.record(DATA, b" ")])


def padded(peer: Peer) -> bytes:
    """Returns a byte in a record that is padded to its full size."""
    return peer.record(0, b" \x17" + bytes(16_000))


FLOODS = (tickets, single_tickets, key_updates, padded)


@asynccontextmanager
async def serving(server: ssl.SSLContext, serve: Callable[[Peer], Awaitable[None]]) -> AsyncIterator[int]:
    """Runs a server that calls this on each connection after the handshake; yields its port."""
    served: set[asyncio.Task[None]] = set()

    async def on_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Peer(reader, writer, server)
        with suppress(ConnectionError, ssl.SSLError):
            await peer.agree()
            await serve(peer)
        with suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.add(asyncio.get_running_loop().create_task(on_connection(reader, writer)))

    listening = await asyncio.start_server(begin, "127.0.0.1", 0)
    async with listening:
        yield listening.sockets[0].getsockname()[1]
        await asyncio.gather(*served)
