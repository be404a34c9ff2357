"""Large bodies for anonymous clients: files of pages and the schema, sent in pieces, at a rate of their own.

The beginnings of bodies share one rate, and the rest of them another, so that a browser, which accepts compressed
files, does not wait behind clients that read megabytes. Requests wait for neither.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from starlette.types import Message, Send

from server.http.pieces import in_pieces
from server.ratelimit.anonymousqueue import AnonymousQueue
from server.serve.connectionusage import ConnectionUsage

_FIRST_PIECES: Final = 8
"""Pieces that count as the beginning of a body: the largest compressed file of GraphiQL has seven."""
_FIRST_SHARE: Final = 1.5
_LATER_SHARE: Final = 0.5
"""Pieces per request of the rate of requests."""
_FIRST_BURST_S: Final = 2.0
_LATER_BURST_S: Final = 4.0
_MOST_UNREAD: Final = 300
"""Connections whose client does not read; each takes up to two pieces of memory."""


class ConnectionEndedError(Exception):
    """The connection of a body has ended."""


class BodyTransport(Protocol):
    """The transport that a body is written to."""

    def is_closing(self) -> bool:
        """Returns whether nothing more can be sent."""
        ...

    def abort(self) -> None:
        """Closes the connection, and drops unsent data."""
        ...


class AnonymousBodies:
    """The bodies that are being sent to anonymous clients."""

    def __init__(self, *, requests_per_s: float) -> None:
        first, later = requests_per_s * _FIRST_SHARE, requests_per_s * _LATER_SHARE
        self._first = AnonymousQueue(per_s=first, burst=max(1.0, first * _FIRST_BURST_S))
        self._later = AnonymousQueue(per_s=later, burst=max(1.0, later * _LATER_BURST_S))
        self._unread: dict[BodyTransport, None] = {}

    def sending(self, send: Send, usage: ConnectionUsage, transport: BodyTransport | None) -> Send:
        """Returns a `send` for one response, which raises ConnectionEndedError between pieces if the connection ended.

        Args:
            send: Sends a piece, once the client has read enough of those before.
            usage: The usage of its connection.
            transport: The transport of the connection, if it is known.
        """
        count = 0

        async def next_piece() -> None:
            nonlocal count
            count += 1
            pieces = self._first if count < _FIRST_PIECES else self._later
            await pieces.take(usage, is_first=False)
            usage.note_answer(asyncio.get_running_loop().time())
            await asyncio.sleep(0)
            if transport is not None and transport.is_closing():
                raise ConnectionEndedError

        async def until_read(message: Message) -> None:
            if transport is None:
                await send(message)
                return
            with self._unread_on(transport):
                await send(message)

        return in_pieces(until_read, next_piece)

    @contextmanager
    def _unread_on(self, transport: BodyTransport) -> Iterator[None]:
        """Counts a connection as unread. Over the limit, the one that was unread for longest is closed."""
        if len(self._unread) >= _MOST_UNREAD:
            slowest = next(iter(self._unread))
            del self._unread[slowest]
            slowest.abort()
        self._unread[transport] = None
        try:
            yield
        finally:
            self._unread.pop(transport, None)
