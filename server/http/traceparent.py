"""The trace that a caller's request belongs to (W3C Trace Context): accepted from callers, for our own spans only."""

from contextvars import ContextVar
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

_INCOMING: Final[ContextVar[str]] = ContextVar("traceparent", default="")


def incoming_traceparent() -> str:
    """What the request that is being answered said, unchecked; empty if nothing."""
    return _INCOMING.get()


class TraceParent:
    """Remembers the header for as long as its request lasts; in use only where traces are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        given = Headers(scope=scope).getlist("traceparent") if scope["type"] == "http" else []
        token = _INCOMING.set(given[0] if len(given) == 1 else "")
        try:
            await self._app(scope, receive, send)
        finally:
            _INCOMING.reset(token)
