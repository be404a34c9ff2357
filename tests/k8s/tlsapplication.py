"""Our end of a TLS connection, with an application that stores its data."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

from k8s.network.tlspieces import TlsPieces, in_pieces
from tests.k8s.tlspeer import Peer, serving

Run = Callable[[Callable[[], Awaitable[None]]], None]
BODY = bytes(range(256)) * 8192


class Application(asyncio.Protocol):
    """An application that stores its data."""

    def __init__(self) -> None:
        self.transport: Any = None
        self.received_bytes = 0
        self.data = bytearray()
        self.lost: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received_bytes += len(data)
        self.data += data

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set_result(exc)

    async def has(self, size: int) -> None:
        """Waits for a number of bytes."""
        while len(self.data) < size:  # noqa: ASYNC110  it has no event
            await asyncio.sleep(0)


async def connected(port: int, client: ssl.SSLContext, application: Application, who: str = "") -> TlsPieces:
    loop = asyncio.get_running_loop()
    socket, _ = await loop.create_connection(asyncio.Protocol, "127.0.0.1", port)
    pieces = in_pieces(socket, who)
    secured = await loop.start_tls(socket, application, client, server_hostname="localhost")
    assert secured is not None
    assert socket.get_protocol() is pieces
    pieces.agree(secured)
    application.connection_made(secured)
    return pieces


async def echo(peer: Peer) -> None:
    while data := await peer.read():
        await peer.write(data)


async def send_body(peer: Peer) -> None:
    await peer.write(BODY)


async def served(
    server: ssl.SSLContext, client: ssl.SSLContext, serve: Callable[[Peer], Awaitable[None]]
) -> Application:
    """Serves a body to an application until the connection ends, and returns the application."""
    async with serving(server, serve) as port:
        application = Application()
        await connected(port, client, application)
        await application.lost
    return application
