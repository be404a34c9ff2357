"""Log lines, metrics and ids of WebSockets and of their operations, and a mask over unexpected errors.

An operation has what a request over HTTP has: a line, and an id that follows it into the audit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Final

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from k8s.errors import ErrorCode
from k8s.turns.turns import WORKING_FOR
from resolvers.audit.auditor import Auditor
from server.app.requestlog import HEADER, request_id
from server.http.responses import error_response
from server.live.closing import CloseCode
from server.observe.metrics import Metrics, route_of
from server.ratelimit.tokenbucket import TokenBucket

_LOG = structlog.stdlib.get_logger("server.requests")
_ANONYMOUS_LINES: Final = 20
"""Lines a second about clients that are not known."""
_LONGEST_PATH: Final = 200
_LEFT: Final = 1006
_DENIED: Final = frozenset({401, 403, CloseCode.UNAUTHORIZED, CloseCode.FORBIDDEN})


class _Connection:
    """One WebSocket while it is served.

    Attributes:
        code: The code with which it was closed, or the status with which it was refused.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.id = request_id(scope)
        self.code: int | None = None
        self.is_accepted = False
        self._receive, self._send = receive, send
        self._started_s = perf_counter()

    @property
    def duration_ms(self) -> float:
        return round((perf_counter() - self._started_s) * 1000, 1)

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "websocket.disconnect" and self.code is None:
            self.code = message.get("code")
        return message

    async def send(self, message: Message) -> None:
        """Sends a message.

        Raises:
            WebSocketDisconnect: The client has left.
        """
        match message["type"]:
            case "websocket.accept":
                self.is_accepted = True
            case "websocket.close":
                self.code = int(message.get("code", 1000)) if self.is_accepted else 403
            case "websocket.http.response.start":
                self.code = message["status"]
                MutableHeaders(scope=message)[HEADER] = self.id
        try:
            await self._send(message)
        except OSError:  # as servers say that the client has left; Starlette translates it only after the handshake
            raise WebSocketDisconnect(_LEFT) from None


class WebSocketLog:
    """Middleware that logs WebSockets at their end."""

    def __init__(self, app: ASGIApp, metrics: Metrics, auditor: Auditor | None = None) -> None:
        self._app = app
        self._metrics = metrics
        self._auditor = auditor
        self._anonymous = TokenBucket(per_s=_ANONYMOUS_LINES, burst=_ANONYMOUS_LINES)
        self._left_out = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        connection = _Connection(scope, receive, send)
        state = scope.setdefault("state", {})
        with structlog.contextvars.bound_contextvars(request_id=connection.id):
            try:
                await self._app(scope, connection.receive, connection.send)
            except WebSocketDisconnect:
                pass  # the line at the end is enough
            except Exception:  # noqa: BLE001  masked, as over HTTP
                _LOG.exception("unexpected error", id=connection.id)
                state["error_code"] = ErrorCode.INTERNAL
                await _mask(connection, scope)
            finally:
                self._end(connection, scope)

    def _end(self, connection: _Connection, scope: Scope) -> None:
        state, code = scope["state"], connection.code
        self._metrics.live.closed(code)
        if "error_code" in state:
            self._metrics.error(state["error_code"])
        is_denied = code in _DENIED or state.get("error_code") is ErrorCode.FORBIDDEN
        if self._auditor is not None and is_denied:
            denied = state.get("error_code", "")
            route = route_of(scope["path"])
            self._auditor.denied(state.get("caller") or "", code=denied, verb="HTTP", resource=route)
        if "caller" not in state and self._anonymous.wait_s(most_s=0) is None:
            self._left_out += 1
            return
        others = {"others": self._left_out} if self._left_out and "caller" not in state else {}
        self._left_out = 0 if others else self._left_out
        _LOG.info(
            "websocket",
            path=str(scope["path"])[:_LONGEST_PATH],
            code=code,
            duration_ms=connection.duration_ms,
            caller=state.get("caller"),
            **others,
        )


async def _mask(connection: _Connection, scope: Scope) -> None:
    """Refuses or closes a connection with "internal error"."""
    websocket = WebSocket(scope, connection.receive, connection.send)
    if connection.code is not None:
        return
    if connection.is_accepted:
        await connection.send({"type": "websocket.close", "code": CloseCode.INTERNAL_SERVER_ERROR.value})
    else:
        response = error_response(500, "internal error", code=ErrorCode.INTERNAL, error_id=connection.id)
        await websocket.send_denial_response(response)


@dataclass(slots=True)
class OperationLine:
    """The line of one operation.

    Attributes:
        outcome: `complete`, `error` (it was invalid, or ended with errors), `refused` (there were too many), or `ended`
            by its client or connection.
    """

    outcome: str = "ended"


@contextmanager
def logged(caller: str, number: int, refused: TokenBucket) -> Iterator[OperationLine]:
    """Logs an operation at its end; whatever it does meanwhile has its id, and works for its caller.

    Args:
        caller: The name of the caller.
        number: The number of the operation on its connection.
        refused: The rate of lines about operations that were refused because there are too many.
    """
    line, started_s = OperationLine(), perf_counter()
    connection_id = structlog.contextvars.get_contextvars().get("request_id", "")
    WORKING_FOR.set(caller)
    with structlog.contextvars.bound_contextvars(request_id=f"{connection_id}-{number}"):
        try:
            yield line
        except Exception as error:
            line.outcome = "refused" if getattr(error, "is_over_limit", False) else "error"
            raise
        finally:
            if line.outcome != "refused" or refused.wait_s(most_s=0) is not None:
                duration_ms = round((perf_counter() - started_s) * 1000, 1)
                _LOG.info(
                    "operation", transport="websocket", outcome=line.outcome, duration_ms=duration_ms, caller=caller
                )
