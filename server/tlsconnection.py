"""A caller's connection over TLS: nobody can hold up others with records that take long to decrypt."""

import asyncio
import ssl
from typing import Any, Final, cast

from uvicorn.protocols.utils import get_remote_addr

from k8s.tlspieces import in_pieces
from server.connection import Connection
from server.connectionusage import site_of

_MOST_EARLY_BYTES: Final = 16 * 1024
"""Before the handshake: a client's first message has 300 to 2,000."""


class _Early(asyncio.Protocol):
    """Keeps what arrives before somebody is there to take it: event loops read on meanwhile."""

    def __init__(self) -> None:
        self.data = b""

    def data_received(self, data: bytes) -> None:
        """Keeps it."""
        self.data += data


class _TlsConnection(_Early):
    """The handshake of one connection, which goes on as `connection`."""

    context: ssl.SSLContext

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begins the handshake."""
        self._socket = cast("asyncio.Transport", transport)
        self._beginning = asyncio.get_running_loop().create_task(self._begin(self._socket))

    def data_received(self, data: bytes) -> None:
        """Keeps the client's first message; what is longer is none."""
        super().data_received(data)
        if len(self.data) > _MOST_EARLY_BYTES:
            self._socket.abort()

    async def _begin(self, socket: asyncio.Transport) -> None:
        try:
            if not socket.is_closing():
                await self._agree(socket)
        except OSError:  # what the other end sends is no TLS, or it has gone
            socket.abort()
        except BaseException:
            socket.abort()
            raise

    async def _agree(self, socket: asyncio.Transport) -> None:
        early = _Early()
        timeout_s = self._connection.open_connections.bounds.head_timeout_s
        pieces = in_pieces(socket, site_of(get_remote_addr(socket)), self.data)
        secured = await asyncio.get_running_loop().start_tls(
            socket, early, self.context, server_side=True, ssl_handshake_timeout=timeout_s
        )
        if secured is None or secured.is_closing():
            return
        pieces.agree(secured)
        secured.set_protocol(self._connection)
        self._connection.connection_made(secured)
        if early.data:
            self._connection.data_received(early.data)


def tls_connection_class(connections: type[Connection], context: ssl.SSLContext) -> type[asyncio.Protocol]:
    """Returns what makes the connections of one server, given what uvicorn gives to `connections`."""

    class ServerTlsConnection(_TlsConnection):
        def __init__(self, **given: Any) -> None:
            super().__init__(connections(**given))

    ServerTlsConnection.context = context
    return ServerTlsConnection
