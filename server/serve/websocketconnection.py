"""WebSockets with limits: who is not known yet, does not read or does not answer holds no connection.

A client is restricted until the application knows its caller. Who answers no ping is disconnected, unless it still
reads what waits for it. A connection that is closed is gone within seconds, whether or not the client reads.
"""

import asyncio
from typing import Any, Final

from uvicorn.protocols.utils import ClientDisconnected
from websockets.exceptions import InvalidState
from websockets.frames import CloseCode

from server.serve.connectionbounds import OpenConnections
from server.serve.pacedwebsocket import PacedWebSocket

_FIRST_BYTES: Final = 65_536
"""The largest message of a client that is not known yet, and the most bytes of it that wait to be parsed."""
_CLOSE_S: Final = 2.0
"""Seconds that a client has to agree that its connection is closed, and to read why."""
_PIECE_BYTES: Final = 65_536
"""The largest fragment of a message to a client."""
_STRANGERS_FRAMES_PER_S: Final = 5.0
_STRANGERS_FRAMES_BURST: Final = 20.0
_FRAMES_PER_S: Final = 200.0
_FRAMES_BURST: Final = 3000.0


class WebSocketProtocol(PacedWebSocket):
    """One WebSocket. The application finds it as `link` in the state of its scope.

    Attributes:
        open_connections: The connections of clients that are not known yet, and of HTTP.
        is_authenticated: Whether the caller is known.
        send_timeout_s: Seconds in which the client must take some of what waits to be sent.
        is_idle: False: its application always waits for messages.
    """

    open_connections: OpenConnections

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.close_timeout = _CLOSE_S
        self.conn.max_message_size = self.most_waiting_bytes = _FIRST_BYTES
        self.message_timeout_s = self.open_connections.bounds.body_timeout_s
        self.send_timeout_s = self.open_connections.bounds.send_timeout_s
        self.limit_frames(per_s=_STRANGERS_FRAMES_PER_S, burst=_STRANGERS_FRAMES_BURST)
        self.is_authenticated = self.is_idle = False
        self._ending: asyncio.TimerHandle | None = None
        self._unsent_bytes, self._has_unsent = 0, False
        self._unsent_since_s: float | None = None

    def connection_made(self, transport: Any) -> None:
        """Takes the place of a client that is not known yet."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "link": self}
        if not self.open_connections.add(self):
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Frees the connection's place."""
        self.open_connections.remove(self)
        if (usage := self.app_state.get("usage")) is not None:
            usage.has_ended = True
        if self._ending is not None:
            self._ending.cancel()
        super().connection_lost(exc)

    def is_overdue(self, now_s: float) -> bool:
        """Returns whether a client that is not known yet does not read."""
        if not self.transport.get_write_buffer_size():
            self._unsent_since_s = None
            return False
        self._unsent_since_s = self._unsent_since_s or now_s
        return now_s - self._unsent_since_s > self.open_connections.bounds.send_timeout_s

    def admit(self, *, message_bytes: int, message_timeout_s: float, send_timeout_s: float) -> None:
        """Ends the restrictions of a client whose caller is known; it is counted elsewhere from now on."""
        self.is_authenticated = True
        self.open_connections.remove(self)
        self.conn.max_message_size, self.most_waiting_bytes = message_bytes, None
        self.message_timeout_s, self.send_timeout_s = message_timeout_s, send_timeout_s
        self.limit_frames(per_s=_FRAMES_PER_S, burst=_FRAMES_BURST)

    def abort(self) -> None:
        """Closes the connection, and drops unsent data."""
        self.transport.abort()

    def end_handshake(self) -> None:
        """Refuses a handshake that could not be parsed, such as one with a header that is too long."""
        if not self.handshake_initiated:
            self.close_sent = True
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()

    def eof_received(self) -> None:
        """Ends the connection."""
        self.transport.close()

    async def send(self, message: Any) -> None:
        """Sends a message of the application, as soon as the client has read enough of those before; an end at once.

        The text of a message may also be bytes in UTF-8. A client that takes nothing is disconnected.
        """
        if self.close_sent:
            raise ClientDisconnected
        if message["type"] == "websocket.send" and isinstance(message.get("text"), bytes):
            await self._send_text(message["text"])
            return
        is_end = message["type"] == "websocket.close" and self.handshake_complete
        if is_end:
            self.writable.set()
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and self.close_sent:
            self.handshake_complete = True  # it is refused, which is no failure
        if is_end:
            self._end_soon()
            self.go_on()

    async def _send_text(self, text: bytes) -> None:
        """Sends a message in fragments, so that what the client does not take waits here, where it is counted."""
        await self._until_writable()
        if len(text) <= _PIECE_BYTES:
            self._write_text(text)
            return
        pieces, end = memoryview(text), _PIECE_BYTES
        self._write_text(pieces[:end], is_last=False)
        try:
            while end < len(text):
                await self._until_writable()
                begin, end = end, end + _PIECE_BYTES
                self._write_text(pieces[begin:end], is_first=False, is_last=end >= len(text))
        except asyncio.CancelledError:  # the operation ends, and the connection may go on
            if end < len(text) and not (self.disconnected or self.close_sent):
                self._write_text(pieces[end:], is_first=False)
            raise
        await self._until_writable()

    async def _until_writable(self) -> None:
        if not self.writable.is_set():
            try:
                async with asyncio.timeout(self.send_timeout_s):
                    await self.writable.wait()
            except TimeoutError:
                self.fail(CloseCode.TRY_AGAIN_LATER, "The client takes messages too slowly")
        if self.disconnected or self.close_sent:
            raise ClientDisconnected

    def _write_text(self, text: bytes | memoryview, *, is_first: bool = True, is_last: bool = True) -> None:
        try:
            if is_first:
                self.conn.send_text(text, is_last)
            else:
                self.conn.send_continuation(text, is_last)
        except InvalidState:
            raise ClientDisconnected from None
        data = b"".join(self.conn.data_to_send())
        self.transport.write(data)
        self._unsent_bytes += len(data)
        self._has_unsent |= not self.writable.is_set()

    def send_keepalive_ping(self) -> None:
        """Sends a ping, and remembers what waits to be read before it."""
        super().send_keepalive_ping()
        self._note_unsent()

    def _note_unsent(self) -> None:
        self._unsent_bytes = self.transport.get_write_buffer_size()
        self._has_unsent = self._unsent_bytes > 0

    def keepalive_timeout(self) -> None:
        """Disconnects a client that has not answered a ping, unless it has read something meanwhile."""
        has_read = self._has_unsent and self.transport.get_write_buffer_size() < self._unsent_bytes
        if has_read and self.ping_timeout is not None:
            self._note_unsent()
            self.pong_timer = self.loop.call_later(self.ping_timeout, self.keepalive_timeout)
            return
        self.pong_timer = self.pending_ping_payload = None
        self.fail(CloseCode.TRY_AGAIN_LATER, "No ping was answered")

    def handle_close(self, event: Any) -> None:
        """Answers the end of a client."""
        super().handle_close(event)
        self._end_soon()

    def handle_parser_exception(self) -> None:
        """Ends the connection because of what the client does."""
        super().handle_parser_exception()
        self._end_soon()

    def shutdown(self) -> None:
        """Ends the connection when the server stops."""
        super().shutdown()
        self._end_soon()

    def _end_soon(self) -> None:
        """Drops the connection if the client has not closed it in time."""
        if self._ending is None:
            self._ending = self.loop.call_later(_CLOSE_S, self.transport.abort)


def websocket_class(open_connections: OpenConnections) -> type[WebSocketProtocol]:
    """Returns the protocol class of one server's WebSockets."""
    return type("ServerWebSocket", (WebSocketProtocol,), {"open_connections": open_connections})
