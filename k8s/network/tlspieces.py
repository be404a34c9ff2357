"""TLS whose input arrives in small pieces, and a limit for peers that send no data.

An event loop's own TLS decrypts all received data in one stretch. That may be 8 MB. 16 KiB with nothing but session
tickets take 6 to 11 ms, and a change of keys in 27 bytes takes 20 microseconds. So `TlsPieces` is placed between the
socket and the event loop's TLS, transparently for both:

    socket -> TlsPieces: a piece, as soon as there is time for it (`k8s.network.tlsturns`) -> TLS -> application
    socket <- TLS <- application

While a piece waits, the socket is not read.
"""

import asyncio
from contextvars import copy_context
from time import perf_counter
from typing import Any, Final, cast

from k8s.network.tlsturns import TLS_TURNS

_PIECE_BYTES: Final = 16 * 1024
_MOST_EARLY_BYTES: Final = 16 * 1024
"""The limit of bytes before TLS begins. A client's first message has 300 to 2,000, and a server sends none."""
_MOST_CREDIT_BYTES: Final = 64 * 1024
"""The limit of bytes without data for the application. Usual servers send two session tickets of 300 to 2,000 bytes
each, and change keys once in gigabytes."""
_CREDIT_FOR_A_BYTE: Final = 96
"""The credit for each byte of data. A record of a single byte, such as an echo in a terminal, has 23 bytes, or up to 85
in TLS 1.2; a usual record has 22 more than its data."""
_UNREAD_BYTES: Final = 512
"""The size of a piece while the application does not read: TLS decrypts it later, outside of any turn."""


class TlsFlood(Exception):
    """A peer that sends hardly any data, but session tickets, changes of keys or empty records."""

    def __init__(self) -> None:
        super().__init__("hardly any data, but session tickets or changes of keys inside TLS")


class ReceiveBuffer(asyncio.Protocol):
    """A protocol that buffers received data until there is a consumer, because event loops read on meanwhile.

    Attributes:
        data: The received data.
    """

    def __init__(self) -> None:
        self.data = b""

    def data_received(self, data: bytes) -> None:
        """Buffers the data."""
        self.data += data


class PreTlsBuffer(ReceiveBuffer):
    """The protocol of a socket until TLS begins."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Stores the transport."""
        self._socket = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Buffers the data, or aborts the connection if it is too much."""
        super().data_received(data)
        if len(self.data) > _MOST_EARLY_BYTES:
            self._socket.abort()

    def eof_received(self) -> bool:
        """Leaves the end to TLS, to which event loops report it again."""
        return True


class TlsPieces(asyncio.BufferedProtocol):
    """The protocol of one socket.

    Attributes:
        received_bytes: Received bytes. The application counts its own data in an attribute of this name; without one,
            the peer may send anything.
    """

    __slots__ = (
        "_arrived",
        "_context",
        "_counted_bytes",
        "_credit_bytes",
        "_delivered_bytes",
        "_flood",
        "_peer",
        "_socket",
        "_tls",
        "_tls_transport",
        "_turns",
        "_waiting_bytes",
        "received_bytes",
    )

    def __init__(self, socket: asyncio.Transport, peer: str, arrived: bytes) -> None:
        self.received_bytes = 0
        self._arrived = arrived
        self._socket = socket
        self._peer = peer
        self._context = copy_context()
        self._turns = TLS_TURNS.get()
        self._tls: Any = None
        self._tls_transport: Any = None
        self._waiting_bytes = 0
        self._counted_bytes = self._delivered_bytes = 0
        self._credit_bytes = _MOST_CREDIT_BYTES
        self._flood: TlsFlood | None = None

    def begin(self) -> None:
        """Replaces the socket's protocol, which is that of TLS, and wraps it."""
        self._tls = self._socket.get_protocol()
        self._socket.set_protocol(self)
        if self._arrived:
            asyncio.get_running_loop().call_soon(self._receive_early)  # once TLS has begun

    def _receive_early(self) -> None:
        """Passes on the data from before TLS, unless newer data has taken it along."""
        if self._arrived:
            self.get_buffer(0)
            self.buffer_updated(0)

    def agree(self, tls_transport: Any) -> None:
        """Continues after the handshake with the transport that the application uses."""
        self._tls_transport = tls_transport
        self._counted_bytes = self.received_bytes
        tls_transport.set_read_buffer_limits(
            high=1, low=0
        )  # TLS would collect 256 KiB while the application does not read

    def get_buffer(self, sizehint: int) -> memoryview:
        """Returns the buffer for the next piece, behind the data from before TLS."""
        early = len(self._arrived)
        is_buffered = self._tls_transport is not None and not (
            self._tls_transport.is_reading() or self._tls_transport.is_closing()
        )
        size = early + (_UNREAD_BYTES if is_buffered else _PIECE_BYTES)
        buffer = memoryview(self._tls.get_buffer(size))
        if early:
            buffer[:early] = self._arrived
        return buffer[early:size]

    def buffer_updated(self, nbytes: int) -> None:
        """Decrypts a piece now, or later if this turn of the event loop is used up."""
        size = len(self._arrived) + nbytes
        self._arrived = b""
        self.received_bytes += size
        self._waiting_bytes = size
        if self._turns.is_over:
            self._socket.pause_reading()
            self._turns.wait(self._peer, self._resume)
            return
        since_s = perf_counter()
        try:
            self._decrypt()
        finally:
            self._turns.count(since_s)

    def eof_received(self) -> bool | None:
        """Ends the input."""
        self._receive_early()
        stays_open: bool | None = self._tls.eof_received()
        return stays_open

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the connection; a waiting piece is lost, as unread data is."""
        self._waiting_bytes = 0
        self._tls.connection_lost(self._flood or exc)

    def _resume(self) -> None:
        try:
            self._context.run(self._decrypt)
        except Exception as error:  # noqa: BLE001  as event loops do
            message = "decrypting TLS failed"
            asyncio.get_running_loop().call_exception_handler(
                {"message": message, "exception": error, "protocol": self}
            )
            self._socket.abort()
        is_paused_by_tls = self._tls_transport is not None and self._tls_transport.get_read_buffer_size() > 0
        if not is_paused_by_tls:
            self._socket.resume_reading()

    def _decrypt(self) -> None:
        size, self._waiting_bytes = self._waiting_bytes, 0
        if size:
            self._tls.buffer_updated(size)
        if self._tls_transport is not None and not self._tls_transport.is_closing():  # it discards data after that
            self._charge()

    def _charge(self) -> None:
        """Aborts the connection of a peer that has sent too much without data for the application."""
        delivered_bytes: int = getattr(self._tls_transport.get_protocol(), "received_bytes", self.received_bytes)
        gained_bytes, self._delivered_bytes = max(delivered_bytes - self._delivered_bytes, 0), delivered_bytes
        cost_bytes, self._counted_bytes = self.received_bytes - self._counted_bytes, self.received_bytes
        credit_bytes = self._credit_bytes + gained_bytes * _CREDIT_FOR_A_BYTE - cost_bytes
        self._credit_bytes = min(credit_bytes, _MOST_CREDIT_BYTES)
        if self._credit_bytes < 0:
            self._flood = TlsFlood()
            self._socket.abort()

    def pause_writing(self) -> None:
        """Passes the event on to TLS, which buffers its output."""
        self._tls.pause_writing()

    def resume_writing(self) -> None:
        """Passes the event on to TLS, which writes again."""
        self._tls.resume_writing()


def in_pieces(socket: asyncio.Transport, peer: str, arrived: bytes = b"") -> TlsPieces:
    """Passes input to TLS in pieces. The caller starts TLS by `loop.start_tls` before it awaits anything else.

    The protocol of TLS is in place when the caller waits, and nothing has been read yet.

    Args:
        socket: The transport below TLS.
        peer: The peer of the connection; peers take turns.
        arrived: The data that was read before (`PreTlsBuffer`), at most 16 KiB.
    """
    pieces = TlsPieces(socket, peer, arrived)
    asyncio.get_running_loop().call_soon(pieces.begin)
    return pieces
