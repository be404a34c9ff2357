"""uvicorn's WebSocket protocol, which reads no more than it has time for and than the application takes.

Bytes are parsed in pieces, as many as a turn of the event loop has time for, and none while the application has an
unread message or the client does not read. So floods of frames, of fragments and of pings only slow their sender. A
message has a largest size and a time to arrive.
"""

import asyncio
from typing import Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame

from server.serve.waiting import Gate, Inbox

_PIECE_BYTES: Final = 1024
_FRAMES_AT_ONCE: Final = 200
_BYTES_AT_ONCE: Final = 131_072
_MOST_FRAGMENTS: Final = 1024
"""Fragments of one message."""


class PacedWebSocket(WebSocketsSansIOProtocol):
    """The reading side of a WebSocket.

    Attributes:
        received_bytes: The bytes that have arrived.
        message_timeout_s: Seconds in which a message must arrive.
        most_waiting_bytes: Bytes that may wait to be parsed; None if the client is known.
    """

    received_bytes = 0
    message_timeout_s: float
    most_waiting_bytes: int | None = None

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.queue: Any = Inbox[Any]()
        self.writable: Any = Gate()
        self.writable.set()
        self._unparsed = bytearray()
        self._parsing: asyncio.TimerHandle | asyncio.Handle | None = None
        self._frames = self._counted_frames = 0
        self._frames_per_s = self._frames_burst = self._credit = 0.0
        self._credit_s = self.loop.time()
        self._message_timer: asyncio.TimerHandle | None = None

    def limit_frames(self, *, per_s: float, burst: float) -> None:
        """Sets the frames that the client may send in a second, and at once."""
        self._frames_per_s, self._frames_burst, self._credit = per_s, burst, burst

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the parsing."""
        for timer in (self._parsing, self._message_timer):
            if timer is not None:
                timer.cancel()
        self._unparsed.clear()
        self.conn.parser.close()  # it refers to itself
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parses bytes when there is time for them."""
        self.received_bytes += len(data)
        if self.conn.parser_exc is None:  # else the client has not read yet that its connection is closed
            self._unparsed += data
            if self._parsing is None:
                self._parse()

    def _parse(self) -> None:
        """Parses what has arrived, as far as there is time, and pauses the client while something is left."""
        self._parsing = None
        self._count_frames()
        begun_frames, parsed_bytes = self._frames, 0
        while self._unparsed and not self._is_blocked and self._credit >= 0:
            if self._frames - begun_frames >= _FRAMES_AT_ONCE or parsed_bytes >= _BYTES_AT_ONCE:
                self._parsing = self.loop.call_soon(self._parse)
                break
            piece = bytes(self._unparsed[:_PIECE_BYTES])
            del self._unparsed[:_PIECE_BYTES]
            parsed_bytes += len(piece)
            super().data_received(piece)
            self._count_frames()
            self._time_message()
        if self._credit < 0 and self._parsing is None:
            self._parsing = self.loop.call_later(-self._credit / self._frames_per_s, self._parse)
        if self.most_waiting_bytes is not None and (self._credit < 0 or len(self._unparsed) > self.most_waiting_bytes):
            self.fail(CloseCode.MESSAGE_TOO_BIG, "Too much before connection_init")
        self._pause_or_resume()

    def _count_frames(self) -> None:
        """Takes the frames that were parsed from those that the client may send now."""
        now_s = self.loop.time()
        gained = (now_s - self._credit_s) * self._frames_per_s
        self._credit = min(self._frames_burst, self._credit + gained) - (self._frames - self._counted_frames)
        self._credit_s, self._counted_frames = now_s, self._frames

    @property
    def _is_blocked(self) -> bool:
        """Returns whether parsing waits for the application or the client."""
        if self.close_sent:
            return False
        has_unread = self.handshake_initiated and not self.queue.empty()
        return has_unread or not self.writable.is_set() or self.transport.is_closing()

    def _pause_or_resume(self) -> None:
        should_pause = bool(self._unparsed)
        if should_pause is not self.read_paused and not self.transport.is_closing():
            self.read_paused = should_pause
            if should_pause:
                self.transport.pause_reading()
            else:
                self.transport.resume_reading()

    def go_on(self) -> None:
        """Parses on, now that the application or the client is ready."""
        if self._unparsed and self._parsing is None and self.conn.parser_exc is None:
            self._parsing = self.loop.call_soon(self._parse)

    def _time_message(self) -> None:
        """Begins or ends the time of a message that has arrived in part."""
        is_partial = self.conn.current_size is not None or bool(self.conn.reader.buffer)
        if is_partial and self._message_timer is None:
            self._message_timer = self.loop.call_later(self.message_timeout_s, self._end_slow_message)
        elif not is_partial and self._message_timer is not None:
            self._message_timer.cancel()
            self._message_timer = None

    def _end_slow_message(self) -> None:
        """Ends the connection, unless the rest of the message may have come, and waits for the client to read."""
        self._message_timer = None
        if self._is_blocked:
            self._message_timer = self.loop.call_later(self.message_timeout_s, self._end_slow_message)
        else:
            self.fail(CloseCode.TRY_AGAIN_LATER, f"A message must arrive within {self.message_timeout_s:g} s")

    def handle_events(self) -> None:
        """Counts frames, and handles them."""
        self._frames += len(self.conn.events)
        super().handle_events()

    def handle_cont(self, event: Frame) -> None:
        """Takes a further fragment of a message."""
        if len(self.frames) >= _MOST_FRAGMENTS:
            self.frames = []
            self.fail(CloseCode.MESSAGE_TOO_BIG, f"A message may have {_MOST_FRAGMENTS} fragments")
        elif not self.close_sent:
            super().handle_cont(event)

    def send_receive_event_to_app(self) -> None:
        """Passes a message on; ends the connection if it is no text in UTF-8."""
        data = b"".join(self.frames)
        self.frames = []
        if self.close_sent:
            return
        if self.curr_msg_data_type == "bytes":
            self.queue.put_nowait({"type": "websocket.receive", "bytes": data})
            return
        try:
            self.queue.put_nowait({"type": "websocket.receive", "text": data.decode()})
        except UnicodeDecodeError:
            self.fail(CloseCode.INVALID_DATA, "The message is not UTF-8")

    async def receive(self) -> Any:
        """Returns the next message for the application."""
        message = await self.queue.get()
        self.go_on()
        return message

    def resume_writing(self) -> None:
        """Continues, now that the client reads; what it has sent goes before what is sent to it next."""
        super().resume_writing()
        if self._unparsed and self._parsing is None and self.conn.parser_exc is None:
            self._parse()

    def fail(self, code: CloseCode, reason: str) -> None:
        """Ends the connection because of what the client does."""
        if not self.close_sent and not self.transport.is_closing():
            self.conn.fail(code, reason)
            self.conn.parser_exc = self.conn.parser_exc or ValueError(reason)
            self.handle_parser_exception()

    def handle_parser_exception(self) -> None:
        """Tells the client what it has done wrong; reads on, since it may have much more to send before it reads."""
        close = self.conn.close_sent
        if close is not None and not self.close_sent:
            self.queue.put_nowait({"type": "websocket.disconnect", "code": close.code, "reason": close.reason})
        self.close_sent = True
        self._unparsed.clear()
        self._pause_or_resume()
        self.transport.write(b"".join(self.conn.data_to_send()))
        if self.transport.can_write_eof():
            self.transport.write_eof()
