"""TLS that gets what arrives in small pieces, and peers cut off who only cost time.

An event loop's own TLS decrypts what has arrived at one stretch. That may be 8 MB, and 16 KiB that hold nothing but
session tickets take 6 to 11 ms, a change of keys in 27 bytes takes 20 microseconds. So `TlsPieces` comes between the
socket and the event loop's TLS, neither of which notices:

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
"""Before TLS begins: a client's first message has 300 to 2,000, and a server sends none."""
_MOST_CREDIT_BYTES: Final = 64 * 1024
"""That may arrive with nothing for the application: usual servers send two session tickets of 300 to 2,000 bytes each,
and change keys once in gigabytes."""
_CREDIT_FOR_A_BYTE: Final = 96
"""For each one that the application gets: a record of a single byte, such as an echo in a terminal, has 23, or up to 85
in TLS 1.2; a usual one has 22 more than it holds."""
_UNREAD_BYTES: Final = 512
"""Of a piece that TLS keeps until the application reads again: it is decrypted in nobody's turn then."""


class TlsFlood(Exception):
    """The other end sends hardly anything but session tickets, changes of keys or empty records."""

    def __init__(self) -> None:
        super().__init__("hardly any data, but session tickets or changes of keys inside TLS")


class ReceiveBuffer(asyncio.Protocol):
    """Keeps what arrives before somebody is there to take it, since event loops read on meanwhile.

    Attributes:
        data: What has arrived.
    """

    def __init__(self) -> None:
        self.data = b""

    def data_received(self, data: bytes) -> None:
        """Keeps it."""
        self.data += data


class PreTlsBuffer(ReceiveBuffer):
    """The protocol of a socket until TLS begins."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begins."""
        self._socket = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Keeps it, unless it is too much."""
        super().data_received(data)
        if len(self.data) > _MOST_EARLY_BYTES:
            self._socket.abort()

    def eof_received(self) -> bool:
        """Leaves the end to TLS, which event loops tell again."""
        return True


class TlsPieces(asyncio.BufferedProtocol):
    """The protocol of one socket.

    Attributes:
        received_bytes: What has arrived. The application counts in an attribute of this name what it gets; one that has
            none may be sent anything.
    """

    __slots__ = (
        "_arrived",
        "_context",
        "_counted_bytes",
        "_credit_bytes",
        "_flood",
        "_got_bytes",
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
        self._counted_bytes = self._got_bytes = 0
        self._credit_bytes = _MOST_CREDIT_BYTES
        self._flood: TlsFlood | None = None

    def begin(self) -> None:
        """Comes before the socket's protocol, which is that of TLS."""
        self._tls = self._socket.get_protocol()
        self._socket.set_protocol(self)
        if self._arrived:
            asyncio.get_running_loop().call_soon(self._receive_early)  # once TLS has begun

    def _receive_early(self) -> None:
        """Passes on what arrived before, unless more has arrived, and has taken it along."""
        if self._arrived:
            self.get_buffer(0)
            self.buffer_updated(0)

    def agree(self, tls_transport: Any) -> None:
        """Goes on after the handshake, with the transport that the application uses."""
        self._tls_transport = tls_transport
        self._counted_bytes = self.received_bytes
        tls_transport.set_read_buffer_limits(
            high=1, low=0
        )  # TLS would collect 256 KiB while the application does not read

    def get_buffer(self, sizehint: int) -> memoryview:
        """Returns where the next piece goes, behind what arrived before TLS began."""
        early = len(self._arrived)
        is_kept = self._tls_transport is not None and not (
            self._tls_transport.is_reading() or self._tls_transport.is_closing()
        )
        size = early + (_UNREAD_BYTES if is_kept else _PIECE_BYTES)
        buffer = memoryview(self._tls.get_buffer(size))
        if early:
            buffer[:early] = self._arrived
        return buffer[early:size]

    def buffer_updated(self, nbytes: int) -> None:
        """Has a piece decrypted now, or later if others have used up this turn of the event loop."""
        size = len(self._arrived) + nbytes
        self._arrived = b""
        self.received_bytes += size
        self._waiting_bytes = size
        if self._turns.is_over:
            self._socket.pause_reading()
            self._turns.wait(self._peer, self._go_on)
            return
        since_s = perf_counter()
        try:
            self._decrypt()
        finally:
            self._turns.count(since_s)

    def eof_received(self) -> bool | None:
        """Ends what arrives."""
        self._receive_early()
        is_kept: bool | None = self._tls.eof_received()
        return is_kept

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the connection; a piece that waits is lost, as what has not been read is."""
        self._waiting_bytes = 0
        self._tls.connection_lost(self._flood or exc)

    def _go_on(self) -> None:
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
        if self._tls_transport is not None and not self._tls_transport.is_closing():  # it throws away what comes then
            self._charge()

    def _charge(self) -> None:
        """Cuts off who has sent too much that nothing came of."""
        got_bytes: int = getattr(self._tls_transport.get_protocol(), "received_bytes", self.received_bytes)
        gained_bytes, self._got_bytes = max(got_bytes - self._got_bytes, 0), got_bytes
        cost_bytes, self._counted_bytes = self.received_bytes - self._counted_bytes, self.received_bytes
        credit_bytes = self._credit_bytes + gained_bytes * _CREDIT_FOR_A_BYTE - cost_bytes
        self._credit_bytes = min(credit_bytes, _MOST_CREDIT_BYTES)
        if self._credit_bytes < 0:
            self._flood = TlsFlood()
            self._socket.abort()

    def pause_writing(self) -> None:
        """Has TLS keep what it writes."""
        self._tls.pause_writing()

    def resume_writing(self) -> None:
        """Has TLS write again."""
        self._tls.resume_writing()


def in_pieces(socket: asyncio.Transport, peer: str, arrived: bytes = b"") -> TlsPieces:
    """Has TLS get what arrives in pieces, if the caller begins it by `asyncio.loop.start_tls` before it awaits another.

    The protocol of TLS is in place when the caller waits, and nothing has been read yet.

    Args:
        socket: What TLS is begun on.
        peer: Whose connection it is: those of each take turns.
        arrived: What was read from it before (`PreTlsBuffer`), at most 16 KiB.
    """
    pieces = TlsPieces(socket, peer, arrived)
    asyncio.get_running_loop().call_soon(pieces.begin)
    return pieces
