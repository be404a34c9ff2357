"""One WebSocket connection that speaks `graphql-transport-ws`: its beginning, its operations and its end."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final, Protocol

import msgspec
import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from resolvers.caller import Caller
from server.http.responses import Refusal
from server.live.closing import CloseCode, Closed
from server.live.limits import LiveLimits
from server.live.messages import (
    SUBPROTOCOL,
    ClientMessage,
    acknowledged,
    complete,
    error_of,
    next_of,
    pong,
    read_message,
)

_LOG = structlog.stdlib.get_logger("server.live")
_TOKEN_NAMES: Final = ("Authorization", "authorization", "token", "authToken")
"""Names under which clients send a token in `connection_init`."""


class Operating(Protocol):
    """Executes the operations of a connection."""

    def operate(self, payload: bytes, caller: Caller) -> AsyncGenerator[bytes, None]:
        """Yields the responses to an operation, or its payloads, as JSON; raises `OperationRefused`."""
        ...


class OperationRefused(Exception):
    """An operation that ends with errors.

    Attributes:
        errors: As a response shows them.
    """

    def __init__(self, errors: Sequence[Mapping[str, object]]) -> None:
        super().__init__("refused")
        self.errors = errors


class LiveConnection:
    """A connection; `serve` returns when it has ended."""

    def __init__(
        self,
        websocket: WebSocket,
        *,
        operating: Operating,
        authenticate: Callable[[str | None], Awaitable[Caller]],
        limits: LiveLimits,
    ) -> None:
        """Takes the connection, which is not accepted yet.

        Args:
            websocket: The connection.
            operating: Executes its operations.
            authenticate: Returns the caller of a token, or of the headers if there is none; raises `Refusal`.
            limits: Limits.
        """
        self._websocket = websocket
        self._operating = operating
        self._authenticate = authenticate
        self._limits = limits
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._token: str | None = None
        self._idle_since_s = asyncio.get_running_loop().time()
        self._sending = asyncio.Lock()
        self._ended: asyncio.Future[Closed] = asyncio.get_running_loop().create_future()

    async def serve(self) -> None:
        """Serves the connection until either side ends it."""
        if SUBPROTOCOL not in self._websocket.scope.get("subprotocols", ()):
            code, reason = CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE, f"Subprotocol not acceptable: use {SUBPROTOCOL}"
            await self._websocket.accept()  # a refused handshake has no code that a browser shows
            await self._websocket.close(code, reason)
            return
        await self._websocket.accept(SUBPROTOCOL)
        serving = asyncio.ensure_future(self._serve())
        ended = asyncio.ensure_future(self._ended)
        try:
            await asyncio.wait((serving, ended), return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                raise ended.result()
            await serving
        except Closed as end:
            await self._close(end)
        except WebSocketDisconnect:
            pass
        finally:
            ended.cancel()
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
            await self._end_operations()

    def end(self, code: CloseCode, reason: str) -> None:
        """Ends the connection from outside, such as when the server stops."""
        self._end(Closed(code, reason))

    def _end(self, end: Closed) -> None:
        if not self._ended.done():
            self._ended.set_result(end)

    async def _serve(self) -> None:
        caller = await self._begun()
        reviewing = asyncio.create_task(self._review(caller))
        try:
            while True:
                await self._take(read_message(await self._receive()), caller)
        finally:
            reviewing.cancel()
            await asyncio.gather(reviewing, return_exceptions=True)

    async def _begun(self) -> Caller:
        """Returns the caller of the connection, after `connection_init`."""
        try:
            async with asyncio.timeout(self._limits.init_timeout_s):
                while True:
                    message = read_message(await self._receive())
                    if message.type == "connection_init":
                        break
                    if message.type == "subscribe":
                        raise Closed(CloseCode.UNAUTHORIZED, "Unauthorized")
                    await self._reply(message)
        except TimeoutError:
            raise Closed(CloseCode.CONNECTION_INITIALISATION_TIMEOUT, "Connection initialisation timeout") from None
        self._token = _token_of(message.payload)
        try:
            caller = await self._authenticate(self._token)
        except Refusal as refusal:
            raise _closed(refusal) from None
        await self._send(acknowledged())
        return caller

    async def _take(self, message: ClientMessage, caller: Caller) -> None:
        match message.type:
            case "connection_init":
                raise Closed(CloseCode.TOO_MANY_INITIALISATION_REQUESTS, "Too many initialisation requests")
            case "subscribe":
                self._subscribe(message, caller)
            case "complete":
                if (task := self._operations.pop(message.id, None)) is not None:
                    task.cancel()
            case _:
                await self._reply(message)

    def _subscribe(self, message: ClientMessage, caller: Caller) -> None:
        if message.id in self._operations:
            raise Closed(CloseCode.SUBSCRIBER_ALREADY_EXISTS, f"Subscriber for {message.id} already exists")
        if len(self._operations) >= self._limits.operations:
            text = f"A connection has at most {self._limits.operations} operations (FLEETGRAPH_MAX_LIVE_OPERATIONS)"
            raise Closed(CloseCode.TRY_AGAIN_LATER, text)
        task = asyncio.create_task(self._operate(message.id, bytes(message.payload), caller))
        self._operations[message.id] = task

    async def _operate(self, operation: str, payload: bytes, caller: Caller) -> None:
        try:
            async with aclosing(self._operating.operate(payload, caller)) as bodies:
                async for body in bodies:
                    await self._send(next_of(operation, body))
            await self._send(complete(operation))
        except OperationRefused as refused:
            await self._send(error_of(operation, refused.errors))
        except Closed as end:
            self._end(end)
        except Exception:
            _LOG.exception("unexpected_error")
            self._end(Closed(CloseCode.INTERNAL_SERVER_ERROR, "Internal error; the log of fleetgraph has the details"))
        finally:
            if self._operations.get(operation) is asyncio.current_task():
                del self._operations[operation]
            self._idle_since_s = asyncio.get_running_loop().time()

    async def _reply(self, message: ClientMessage) -> None:
        if message.type == "ping":
            await self._send(pong(message.payload))

    async def _review(self, caller: Caller) -> None:
        """Ends the connection when the token is no longer valid, or when it is idle for too long."""
        while True:
            await asyncio.sleep(self._limits.review_s)
            try:
                if await self._authenticate(self._token) != caller:
                    self.end(CloseCode.FORBIDDEN, "Your permissions have changed. Connect again.")
            except Refusal as refusal:
                if refusal.status != 503:
                    self.end(CloseCode.FORBIDDEN, "The token is no longer valid.")
            idle_s = asyncio.get_running_loop().time() - self._idle_since_s
            if not self._operations and idle_s > self._limits.idle_timeout_s:
                self.end(CloseCode.GOING_AWAY, "Idle")

    async def _receive(self) -> str | bytes:
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005), message.get("reason"))
        text: str | None = message.get("text")
        if text is None:
            raise Closed(CloseCode.BAD_REQUEST, "Only text messages are understood")
        return text

    async def _send(self, message: bytes) -> None:
        """Sends a message; a client that takes none for too long is cut off."""
        try:
            async with asyncio.timeout(self._limits.send_timeout_s), self._sending:
                await self._websocket.send({"type": "websocket.send", "text": message.decode()})
        except TimeoutError:
            raise Closed(CloseCode.TRY_AGAIN_LATER, "The client takes messages too slowly") from None

    async def _close(self, end: Closed) -> None:
        if self._websocket.application_state is WebSocketState.CONNECTED:
            await self._websocket.close(end.code, end.reason)

    async def _end_operations(self) -> None:
        tasks = tuple(self._operations.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _token_of(payload: msgspec.Raw) -> str | None:
    """Returns the token of `connection_init`; None if it has none."""
    if not bytes(payload):
        return None
    try:
        values: Any = msgspec.json.decode(payload)
    except msgspec.DecodeError as error:
        raise Closed(CloseCode.BAD_REQUEST, "Invalid message received") from error
    if values is None:
        return None
    if not isinstance(values, dict):
        raise Closed(CloseCode.BAD_REQUEST, "The payload of connection_init is an object")
    headers = values.get("headers")
    for source in (values, headers if isinstance(headers, dict) else {}):
        for name in _TOKEN_NAMES:
            if isinstance(token := source.get(name), str):
                return token
    return None


def _closed(refusal: Refusal) -> Closed:
    code = CloseCode.TRY_AGAIN_LATER if refusal.status == 503 else CloseCode.FORBIDDEN
    return Closed(code, str(refusal))
