"""One WebSocket that speaks `graphql-transport-ws`: its beginning, its messages and its end.

Whatever ends it, its operations end first. Where they do so because access is lost, each is told; where the server
stops or the client is too slow they are not, so that clients begin them again on another connection.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from server.auth.accesslost import AccessLost
from server.live.closing import CloseCode, Closed, unexpected
from server.live.credentials import presented_token
from server.live.limits import LiveLimits
from server.live.messages import ClientMessage, acknowledged, pong, read_message
from server.live.operating import Operations, Session
from server.live.running import RunningOperations

_STOPPING: Final = "The server is stopping; connect again"


class LiveConnection:
    """A connection that was accepted; `serve` returns when it has ended."""

    def __init__(self, websocket: WebSocket, operations: Operations, limits: LiveLimits) -> None:
        """Takes the connection, and what executes its operations."""
        self._websocket = websocket
        self._limits = limits
        self._running = RunningOperations(
            operations, most=limits.operations, send=self._send, on_end=self._end_with, on_idle=self._wait
        )
        self._sending = asyncio.Lock()
        self._serving: asyncio.Task[object] | None = None
        self._end: Closed | None = None
        self._is_stopping = False
        self._idle: asyncio.TimerHandle | None = None

    async def serve(self, begin: Callable[[str | None], Awaitable[Session]]) -> None:
        """Serves the connection until either side ends it.

        Args:
            begin: Returns the session of the token in `connection_init`, if there is one; raises `Closed`.
        """
        self._serving = asyncio.current_task()
        if self._is_stopping:
            self._wait()
        end: Closed | None = None
        try:
            await self._serve(begin)
        except Closed as closed:
            end = closed
        except WebSocketDisconnect:
            pass
        except asyncio.CancelledError:
            while self._serving is not None and self._serving.cancelling():
                self._serving.uncancel()
            end = self._end or Closed(CloseCode.SERVICE_RESTART, _STOPPING)
        except Exception:  # noqa: BLE001  masked, as over HTTP
            end = unexpected()
        self._serving = None
        await self._finish(end)

    def end(self, code: CloseCode, reason: str) -> None:
        """Ends the connection from outside."""
        self._end_with(Closed(code, reason))

    def lose(self, lost: AccessLost) -> None:
        """Ends the connection and its operations, whose caller may not see the rest."""
        self._running.lost = lost
        code = CloseCode.TRY_AGAIN_LATER if lost.is_retryable else CloseCode.FORBIDDEN
        self.end(code, lost.message)

    def stop(self) -> None:
        """Ends the connection as soon as its queries and mutations have ended; subscriptions end at once."""
        self._is_stopping = True
        self._running.stop()
        if not self._running:
            self._wait()

    def _end_with(self, end: Closed) -> None:
        if self._end is None and self._serving is not None:
            self._end = end
            self._serving.cancel()

    def _wait(self) -> None:
        """Begins the time in which an operation must come; if the server stops, ends the connection."""
        if self._serving is None:
            return
        if self._is_stopping:
            self.end(CloseCode.SERVICE_RESTART, _STOPPING)
            return
        self._stop_waiting()
        loop, idle_s = asyncio.get_running_loop(), self._limits.idle_timeout_s
        self._idle = loop.call_later(idle_s, self.end, CloseCode.GOING_AWAY, f"No operation for {idle_s:g} s")

    def _stop_waiting(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    async def _serve(self, begin: Callable[[str | None], Awaitable[Session]]) -> None:
        session = await self._begun(begin)
        self._wait()
        while True:
            await self._take(read_message(await self._receive()), session)

    async def _begun(self, begin: Callable[[str | None], Awaitable[Session]]) -> Session:
        try:
            async with asyncio.timeout(self._limits.init_timeout_s):
                while (message := read_message(await self._receive())).type != "connection_init":
                    if message.type == "subscribe":
                        raise Closed(CloseCode.UNAUTHORIZED, "Unauthorized")
                    await self._reply(message)
        except TimeoutError:
            raise Closed(CloseCode.CONNECTION_INITIALISATION_TIMEOUT, "Connection initialisation timeout") from None
        session = await begin(presented_token(message.payload))
        await self._send(acknowledged())
        return session

    async def _take(self, message: ClientMessage, session: Session) -> None:
        match message.type:
            case "connection_init":
                raise Closed(CloseCode.TOO_MANY_INITIALISATION_REQUESTS, "Too many initialisation requests")
            case "subscribe":
                await self._running.begin(message, session)
                if self._running:
                    self._stop_waiting()
            case "complete":
                self._running.end(message.id)
            case _:
                await self._reply(message)

    async def _reply(self, message: ClientMessage) -> None:
        if message.type == "ping":
            await self._send(pong(message.payload))

    async def _receive(self) -> str:
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005), message.get("reason"))
        text: str | None = message.get("text")
        if text is None:
            raise Closed(CloseCode.BAD_REQUEST, "Only text messages are understood")
        return text

    async def _send(self, message: bytes) -> None:
        async with self._sending:
            await self._websocket.send({"type": "websocket.send", "text": message})

    async def _finish(self, end: Closed | None) -> None:
        """Ends the operations, then the connection."""
        self._stop_waiting()
        await self._running.close()
        if end is not None:
            with suppress(WebSocketDisconnect, RuntimeError):  # the client was faster
                await self._websocket.close(end.code, end.reason)
