"""The trace of a client's request (W3C Trace Context): accepted from clients, for fleetgraph's own spans only."""

from contextvars import ContextVar
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

_INCOMING: Final[ContextVar[str]] = ContextVar("traceparent", default="")


def incoming_traceparent() -> str:
    """Returns the header of the current request, unchecked; empty if there is none."""
    return _INCOMING.get()


class TraceParent:
    """Middleware that stores the header for the time of its request. Used only with tracing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        values = Headers(scope=scope).getlist("traceparent") if scope["type"] in {"http", "websocket"} else []
        token = _INCOMING.set(values[0] if len(values) == 1 else "")
        try:
            await self._app(scope, receive, send)
        finally:
            _INCOMING.reset(token)
