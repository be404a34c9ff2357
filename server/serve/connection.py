"""uvicorn's connection, but nobody can hold one by sending or reading slowly, or make it keep what has no end.

What is over a bound and still a request is answered: 431 for a head that is too large, 408 for one that takes too long.
"""

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
"""The mean that is left of a body in more pieces: chunks of a byte would take long to read for what they hold."""
_CLOSE_S: Final = 2.0
"""What the other end has to agree that a connection is closed."""
_REFUSAL: Final = b"HTTP/1.1 %s\r\ncontent-length: 0\r\nconnection: close\r\n%s\r\n"
_TOO_LARGE: Final = _REFUSAL % (b"431 Request Header Fields Too Large", b"")
_TOO_SLOW: Final = _REFUSAL % (b"408 Request Timeout", b"")
_FULL: Final = _REFUSAL % (b"503 Service Unavailable", b"retry-after: 1\r\n")


def is_probe(scope: Scope) -> bool:
    """Whether it asks for a probe's answer: other methods are refused like any stranger's request."""
    return scope["path"] in _PROBES and scope["method"] in _SAFE


class _HeadTooLargeError(Exception):
    """The head of a request has more bytes or headers than it may."""


class _TooManyPipelinedError(Exception):
    """More requests came than may wait for the answer of the first; the rest of them is not even read."""


class _TinyPiecesError(Exception):
    """A body comes in many chunks that hold next to nothing."""


class HttpServerProtocol(HttpToolsProtocol):
    """One connection of a caller.

    Attributes:
        received_bytes: What has arrived on it.
    """

    open_connections: OpenConnections
    received_bytes = 0

    def connection_made(self, transport: Any) -> None:
        """Begins to wait for the first request."""
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
        """Leaves its place to another."""
        self.open_connections.remove(self)
        self._usage.has_ended = True
        self._give_up()
        super().connection_lost(exc)

    def _give_up(self) -> None:
        """Lets the request that is being answered know that nobody takes the answer: uvicorn tells the latest alone."""
        if self._running is not None:
            self._running.disconnected = True
            self._running.message_event.set()

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered on it, and the last answer was taken."""
        is_answered = self.cycle is None or self.cycle.response_complete
        return is_answered and not self.transport.get_write_buffer_size()

    @property
    def is_authenticated(self) -> bool:
        """Whether the request that is answered, or was last, is a caller's, and not a stranger's."""
        return self._running is not None and "caller" in self._running.scope["state"]

    def is_overdue(self, now_s: float) -> bool:
        """Whether it takes longer than it may; of a head that does, the caller is told."""
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
        """Ends it, and forgets what was to be sent."""
        self._give_up()
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Reads on, as long as the head is no larger than it may be."""
        self.received_bytes += len(data)
        if self._is_in_head:
            self._head_since_s = self._head_since_s or self.loop.time()
            self._head_bytes += len(data)
        super().data_received(data)
        if self._is_in_head and self._head_bytes > self.open_connections.bounds.head_bytes:
            self._refuse(_TOO_LARGE)

    def send_400_response(self, msg: str) -> None:
        """Says what is wrong with a head that could not be read."""
        if self._header_count < 0:
            self._refuse(_TOO_LARGE)
        elif not self.transport.is_closing():
            super().send_400_response(msg)

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._is_in_head, self._is_in_body, self._answered_since_s = True, False, None
        self._message_bytes = self._header_count = self._body_pieces = self._body_bytes = 0
        self._head_since_s = self._head_since_s or self.loop.time()

    def on_url(self, url: bytes) -> None:
        """A part of the address."""
        self._count(len(url), headers=0)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer behind a body."""
        self._count(len(name) + len(value), headers=1)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """A request begins to be answered."""
        self._is_in_head, self._is_in_body = False, True
        self._head_bytes, self._head_since_s = 0, None
        if len(self.pipeline) >= _MOST_PIPELINED:
            self.abort()
            raise _TooManyPipelinedError
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._body_pieces += 1
        self._body_bytes += len(body)
        if self._body_pieces > _PIECES_OF_ANY_SIZE and self._body_bytes < self._body_pieces * _SMALLEST_PIECE_BYTES:
            self.abort()
            raise _TinyPiecesError
        super().on_body(body)

    def on_message_complete(self) -> None:
        """All of a request was read; what comes is the head of the next."""
        self._is_in_head, self._is_in_body = True, False
        self._head_bytes, self._head_since_s = 0, None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """It was answered; the next may come."""
        self._answered_since_s = self.loop.time()
        self.open_connections.touch(self)
        super().on_response_complete()

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        """Answers a request, which knows what it is written to; beyond the most connections, of probes only."""
        if self.open_connections.is_full and not is_probe(cycle.scope):
            self._refuse(_FULL)
            return
        cycle.scope["state"].update(transport=self.transport, usage=self._usage)
        self._running = cycle
        super()._start_asgi_task(cycle, app)

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
    """What makes the connections of one server."""
    return type("ServerConnection", (HttpServerProtocol,), {"open_connections": open_connections})
