"""HTTP of an API server or an identity provider, parsed for a few milliseconds at a time.

The data of one turn of the event loop may be a quarter of a megabyte and hold tens of thousands of chunks or of
informational responses. Parsing it in one stretch would block the loop. A server that sends more responses than
requests, or long ones without a body, is disconnected.
"""

import asyncio
from collections import deque
from time import perf_counter
from typing import Any, Final

from aiohttp import ClientPayloadError
from aiohttp.client_proto import ResponseHandler

from k8s.network.tlspieces import TlsFlood
from k8s.turns.turns import SLICE_S

_FEW_LINES: Final = 64
"""Lines that are parsed in less than a millisecond; JSON of API servers has no line breaks."""
_PIECE_BYTES: Final = 16 * 1024
_SMALL_PIECE_BYTES: Final = 2 * 1024
"""The size of a piece after one took longer than a slice."""
_MOST_RESPONSES: Final = 8
"""The limit of unread responses. An API server sends one, and a proxy perhaps a hint before it."""
_LEAST_BODY: Final = 0.9
"""The part of a long response that must be its body. The rest are headers, those of informational responses included,
and sizes of chunks, each of which takes 10 microseconds."""
_LONG_BYTES: Final = 128 * 1024


class HttpFlood(ClientPayloadError):
    """A server that sends more responses than requests, or hardly any data but headers and sizes of chunks."""

    def __init__(self) -> None:
        super().__init__("more responses than requests, or hardly anything but headers and the sizes of chunks")


class HttpProtocol(ResponseHandler):
    """One connection.

    Attributes:
        received_bytes: Bytes received on it.
    """

    def __init__(self) -> None:
        super().__init__(asyncio.get_running_loop())
        self.received_bytes = 0
        self._piece_bytes = _PIECE_BYTES
        self._response_bytes = 0
        self._is_paused = False
        self._unparsed: deque[memoryview] = deque()
        self._end: tuple[BaseException | None] | None = None

    def set_response_params(self, **params: Any) -> None:
        """Starts counting bytes of the response to a new request; aiohttp calls this for each."""
        self._response_bytes = 0
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        """Parses the data, or a part of it now and the rest in the next turns of the loop."""
        self.received_bytes += len(data)
        if not self._unparsed and _is_simple(data):  # or empty: then aiohttp continues with its own buffer
            self._feed(data)
            return
        self._unparsed.append(memoryview(data))
        if len(self._unparsed) == 1:
            self._parse()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Ends the connection after the data received before; at once if it was aborted."""
        if isinstance(exc, TlsFlood):
            self._cut_off(exc)
            self._parser = None  # it would report an incomplete body
        if self._unparsed:
            self._end = (exc,)
        else:
            super().connection_lost(exc)

    def _parse(self) -> None:
        """Parses for a slice; the rest waits, and with it the socket."""
        since_s = now_s = perf_counter()
        while self._unparsed and self.transport is not None and now_s - since_s < SLICE_S:
            self._feed(self._next_piece())
            before_s, now_s = now_s, perf_counter()
            if now_s - before_s > SLICE_S:
                self._piece_bytes = _SMALL_PIECE_BYTES
        if self.transport is None:
            self._unparsed.clear()
        if self._unparsed:
            self._is_paused = True
            self._pause_transport_reading()
            self._loop.call_soon(self._parse)
        elif self._end is not None:
            super().connection_lost(*self._end)
        elif self._is_paused:
            self._is_paused = False
            if not self._reading_paused and not self._buffer_paused:
                self._resume_transport_reading()

    def _feed(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_flood(len(data)):
            self._cut_off(HttpFlood())

    def _next_piece(self) -> bytes:
        arrived = self._unparsed[0]
        if len(arrived) > self._piece_bytes:
            self._unparsed[0] = arrived[self._piece_bytes :]
        else:
            self._unparsed.popleft()
        return bytes(arrived[: self._piece_bytes])

    def _is_flood(self, piece_bytes: int) -> bool:
        self._response_bytes += piece_bytes
        if self._reading_paused or self._response_bytes < _LONG_BYTES:
            return len(self._buffer) > _MOST_RESPONSES
        body_bytes = 0 if self._payload is None else self._payload.total_bytes
        return body_bytes < self._response_bytes * _LEAST_BODY

    def _cut_off(self, error: HttpFlood | TlsFlood) -> None:
        self._unparsed.clear()
        self._buffer.clear()
        if self._payload is not None:
            self._payload.set_exception(error)
        self.set_exception(error)
        if self.transport is not None:
            self.transport.abort()


def _is_simple(data: bytes) -> bool:
    """Returns whether the data has few lines (headers, sizes of chunks)."""
    place = -1
    for _ in range(_FEW_LINES):
        place = data.find(b"\n", place + 1)
        if place < 0:
            return True
    return False
