"""A client's connection over TLS, where slow decryption cannot block others."""

import asyncio
import ssl
from typing import Any

from uvicorn.protocols.utils import get_remote_addr

from k8s.network.tlspieces import PreTlsBuffer, ReceiveBuffer, in_pieces
from server.serve.connectionusage import client_network
from server.serve.httpconnection import HttpServerProtocol


class _TlsConnection(PreTlsBuffer):
    """The handshake of one connection, which continues as `connection`; it counts as an open connection."""

    context: ssl.SSLContext
    is_idle = True
    is_authenticated = False

    def __init__(self, connection: HttpServerProtocol) -> None:
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
        """Returns False: TLS has a timeout of its own."""
        return False

    def abort(self) -> None:
        """Closes it."""
        self._socket.abort()

    async def _begin(self, socket: asyncio.Transport) -> None:
        try:
            if not socket.is_closing():
                await self._agree(socket)
        except OSError:  # the client does not speak TLS, or has disconnected
            socket.abort()
        except BaseException:
            socket.abort()
            raise
        finally:
            self._open_connections.remove(self)

    async def _agree(self, socket: asyncio.Transport) -> None:
        decrypted = ReceiveBuffer()  # with the end of the handshake
        timeout_s = self._open_connections.bounds.head_timeout_s
        pieces = in_pieces(socket, client_network(get_remote_addr(socket)), self.data)
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


def tls_connection_class(connections: type[HttpServerProtocol], context: ssl.SSLContext) -> type[asyncio.Protocol]:
    """Returns the protocol class of one server's connections; its arguments are those of `connections`."""

    class ServerTlsConnection(_TlsConnection):
        def __init__(self, **arguments: Any) -> None:
            super().__init__(connections(**arguments))

    ServerTlsConnection.context = context
    return ServerTlsConnection
