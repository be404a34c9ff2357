"""A caller's connection over TLS: nobody can hold up others with records that take long to decrypt."""

import asyncio
import ssl
from typing import Any

from uvicorn.protocols.utils import get_remote_addr

from k8s.network.tlspieces import PreTlsBuffer, ReceiveBuffer, in_pieces
from server.serve.connection import Connection
from server.serve.connectionusage import site_of


class _TlsConnection(PreTlsBuffer):
    """The handshake of one connection, which goes on as `connection`; it takes a place among the open ones."""

    context: ssl.SSLContext
    is_waiting = True
    is_known = False

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection
        self._open_connections = connection.open_connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begins the handshake."""
        super().connection_made(transport)
        if self._open_connections.add(self):
            self._beginning = asyncio.get_running_loop().create_task(self._begin(self._socket))
        else:
            self.abort()

    def is_overdue(self, _now_s: float) -> bool:
        """Leaves that to TLS, which has a timeout of its own."""
        return False

    def abort(self) -> None:
        """Ends it."""
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
        finally:
            self._open_connections.remove(self)

    async def _agree(self, socket: asyncio.Transport) -> None:
        decrypted = ReceiveBuffer()  # with the end of the handshake
        timeout_s = self._open_connections.bounds.head_timeout_s
        pieces = in_pieces(socket, site_of(get_remote_addr(socket)), self.data)
        secured = await asyncio.get_running_loop().start_tls(
            socket, decrypted, self.context, server_side=True, ssl_handshake_timeout=timeout_s
        )
        if secured is None or secured.is_closing():
            return
        pieces.agree(secured)
        self._open_connections.remove(self)  # its place is the connection's
        secured.set_protocol(self._connection)
        self._connection.connection_made(secured)
        if decrypted.data:
            self._connection.data_received(decrypted.data)


def tls_connection_class(connections: type[Connection], context: ssl.SSLContext) -> type[asyncio.Protocol]:
    """Returns what makes the connections of one server, given what uvicorn gives to `connections`."""

    class ServerTlsConnection(_TlsConnection):
        def __init__(self, **given: Any) -> None:
            super().__init__(connections(**given))

    ServerTlsConnection.context = context
    return ServerTlsConnection
