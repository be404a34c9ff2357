"""uvicorn's HTTP protocol with limits: a slow or endless request or reader cannot hold a connection.

A request over a limit is answered: 431 for a head that is too large, 408 for one that is too slow.
"""

import socket
from math import ceil
from typing import Any, Final

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.serve.connectionbounds import OpenConnections
from server.serve.connectionusage import ConnectionUsage, client_network

_PROBES: Final = frozenset({"/healthz", "/readyz"})
_SAFE: Final = frozenset({"GET", "HEAD"})
_MOST_HEADERS: Final = 100
_MOST_PIPELINED: Final = 16
_PIECES_OF_ANY_SIZE: Final = 4096
_SMALLEST_PIECE_BYTES: Final = 16
"""The least mean size of chunks in a body of more of them: tiny chunks take long to parse for their content."""
_CLOSE_S: Final = 2.0
"""Seconds that the client has to agree that a connection is closed."""
_REFUSAL: Final = b"HTTP/1.1 %s\r\ncontent-length: 0\r\nconnection: close\r\n%s\r\n"
_TOO_LARGE: Final = _REFUSAL % (b"431 Request Header Fields Too Large", b"")
_TOO_SLOW: Final = _REFUSAL % (b"408 Request Timeout", b"")
_FULL: Final = _REFUSAL % (b"503 Service Unavailable", b"retry-after: 1\r\n")


def is_probe(scope: Scope) -> bool:
    """Returns whether it is a probe's request; other methods are limited like any unauthenticated request."""
    return scope["path"] in _PROBES and scope["method"] in _SAFE


class _HeadTooLargeError(Exception):
    """The head of a request has too many bytes or headers."""


class _TooManyPipelinedError(Exception):
    """Too many requests wait for the response to the first one; the rest of them is not even read."""


class _TinyPiecesError(Exception):
    """A body comes in many tiny chunks."""


class HttpServerProtocol(HttpToolsProtocol):
    """One connection of a client.

    Attributes:
        received_bytes: The bytes that have arrived.
    """

    open_connections: OpenConnections
    received_bytes = 0

    def connection_made(self, transport: Any) -> None:
        """Starts to wait for the first request."""
        super().connection_made(transport)
        self._is_in_head, self._is_in_body = True, False
        self._head_bytes = self._message_bytes = self._header_count = 0
        self._head_since_s: float | None = self.loop.time()
        self._unsent_since_s: float | None = None
        self._closing_since_s: float | None = None
        self._answered_since_s: float | None = None
        self._running: Any = None
        self._usage = ConnectionUsage(client_network(self.client))
        if not self.open_connections.add(self):
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Frees the connection's place."""
        self.open_connections.remove(self)
        self._usage.has_ended = True
        self._give_up()
        super().connection_lost(exc)

    def _give_up(self) -> None:
        """Tells the running request that its client has disconnected: uvicorn tells the latest one alone."""
        if self._running is not None:
            self._running.disconnected = True
            self._running.message_event.set()

    @property
    def is_idle(self) -> bool:
        """Returns whether no request is under way, and the last response was read by the client."""
        is_answered = self.cycle is None or self.cycle.response_complete
        return is_answered and not self.transport.get_write_buffer_size()

    @property
    def is_authenticated(self) -> bool:
        """Returns whether the current or last request is a caller's, and not an anonymous client's."""
        return self._running is not None and "caller" in self._running.scope["state"]

    def is_overdue(self, now_s: float) -> bool:
        """Returns whether a timeout has passed. If that of a head has, refuses the request."""
        bounds = self.open_connections.bounds
        if self.transport.get_write_buffer_size():
            self._unsent_since_s = self._unsent_since_s or now_s
            return now_s - self._unsent_since_s > bounds.send_timeout_s
        self._unsent_since_s = None
        if self.transport.is_closing():
            self._closing_since_s = self._closing_since_s or now_s
            return now_s - self._closing_since_s > _CLOSE_S
        if self._is_in_body and self._answered_since_s is not None:
            return now_s - self._answered_since_s > bounds.body_timeout_s
        if self._is_in_head and self._head_since_s is not None and now_s - self._head_since_s > bounds.head_timeout_s:
            self._refuse(_TOO_SLOW if self._head_bytes else b"")
        return False

    def abort(self) -> None:
        """Closes the connection, and drops unsent data."""
        self._give_up()
        self.transport.abort()

    def admit(self, *, send_timeout_s: float) -> None:
        """Takes a connection out of the limits, since the response that it has begun goes on, and is counted elsewhere.

        The kernel disconnects a client that neither reads nor acknowledges anything for the timeout (RFC 5482).
        """
        self.open_connections.remove(self)
        client = self.transport.get_extra_info("socket")
        if client is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, ceil(send_timeout_s * 1000))

    def abort_soon(self) -> None:
        """Closes an admitted connection after the time that the client has to read the end of its response."""
        self.loop.call_later(self.open_connections.bounds.body_timeout_s, self.transport.abort)

    def data_received(self, data: bytes) -> None:
        """Parses bytes, as long as the head is not too large."""
        self.received_bytes += len(data)
        if self._is_in_head:
            self._head_since_s = self._head_since_s or self.loop.time()
            self._head_bytes += len(data)
        super().data_received(data)
        if self._is_in_head and self._head_bytes > self.open_connections.bounds.head_bytes:
            self._refuse(_TOO_LARGE)

    def send_400_response(self, msg: str) -> None:
        """Refuses a head that cannot be parsed."""
        if self._header_count < 0:
            self._refuse(_TOO_LARGE)
        elif not self.transport.is_closing():
            super().send_400_response(msg)

    def on_message_begin(self) -> None:
        """Begins a head."""
        super().on_message_begin()
        self._is_in_head, self._is_in_body, self._answered_since_s = True, False, None
        self._message_bytes = self._header_count = self._body_pieces = self._body_bytes = 0
        self._head_since_s = self._head_since_s or self.loop.time()

    def on_url(self, url: bytes) -> None:
        """Counts bytes of the address."""
        self._count(len(url), headers=0)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Counts a header, or a trailer after a body."""
        self._count(len(name) + len(value), headers=1)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begins to serve a request."""
        self._is_in_head, self._is_in_body = False, True
        self._head_bytes, self._head_since_s = 0, None
        if len(self.pipeline) >= _MOST_PIPELINED:
            self.abort()
            raise _TooManyPipelinedError
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Counts a piece of the body."""
        self._body_pieces += 1
        self._body_bytes += len(body)
        if self._body_pieces > _PIECES_OF_ANY_SIZE and self._body_bytes < self._body_pieces * _SMALLEST_PIECE_BYTES:
            self.abort()
            raise _TinyPiecesError
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Ends a request; the next bytes are the head of the next one."""
        self._is_in_head, self._is_in_body = True, False
        self._head_bytes, self._head_since_s = 0, None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Ends a response; the next request may come."""
        self._answered_since_s = self.loop.time()
        self.open_connections.touch(self)
        super().on_response_complete()

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        """Serves a request, with its connection, transport and usage in its scope.

        Over the limit of connections, serves probes only.
        """
        if self.open_connections.is_full and not is_probe(cycle.scope):
            self._refuse(_FULL)
            return
        cycle.scope["state"].update(transport=self.transport, usage=self._usage, link=self)
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def handle_websocket_upgrade(self) -> None:
        """Hands the connection over to a WebSocket, which is counted for itself."""
        if self._has_running_request or self.open_connections.is_full:
            self._refuse(_FULL)
            return
        self.open_connections.remove(self)
        self.app_state = {**self.app_state, "transport": self.transport, "usage": self._usage}
        super().handle_websocket_upgrade()
        websocket: Any = self.transport.get_protocol()
        websocket.received_bytes += self.received_bytes
        websocket.end_handshake()

    @property
    def _has_running_request(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _count(self, size: int, *, headers: int) -> None:
        self._message_bytes += size
        self._header_count += headers
        if self._header_count > _MOST_HEADERS or self._message_bytes > self.open_connections.bounds.head_bytes:
            self._header_count = -1
            raise _HeadTooLargeError

    def _refuse(self, response: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(response)
            self.transport.close()


def connection_class(open_connections: OpenConnections) -> type[HttpServerProtocol]:
    """Returns the protocol class of one server's connections."""
    return type("ServerConnection", (HttpServerProtocol,), {"open_connections": open_connections})
