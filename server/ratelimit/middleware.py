"""Middleware that limits unauthenticated requests, and spreads the work of those that come at once."""

from contextlib import AsyncExitStack, suppress
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from k8s.turns.turns import WORKING_FOR
from server.auth.bearer import bearer_token
from server.auth.shared import digest
from server.http.responses import Refusal, error_response
from server.ratelimit.anonymous import AnonymousLimiter
from server.ratelimit.anonymousbodies import ConnectionEndedError
from server.ratelimit.bearerrequests import BearerRequests
from server.serve.connectionusage import usage_of
from server.serve.httpconnection import is_probe

_PROBES: Final = " probes"
"""The caller that probes work for: no other caller's name begins with a space."""


class AnonymousLimitMiddleware:
    """Middleware that limits unauthenticated requests: all but probes and those with a token."""

    def __init__(self, app: ASGIApp, limiter: AnonymousLimiter, *, bearer_requests: BearerRequests) -> None:
        self._app = app
        self._limiter = limiter
        self._bearer_requests = bearer_requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if self._is_limited_elsewhere(scope):
            await self._app(scope, receive, send)
            return
        try:
            await self._serve(scope, receive, send)
        except Refusal as refusal:
            scope["state"]["error_code"] = refusal.code
            accept = Headers(scope=scope).get("accept")
            response = error_response(
                refusal.status, str(refusal), code=refusal.code, headers=refusal.headers, accept=accept
            )
            if scope["type"] == "websocket":
                await WebSocket(scope, receive, send).send_denial_response(response)
            else:
                await response(scope, receive, send)

    def _is_limited_elsewhere(self, scope: Scope) -> bool:
        """Returns whether it is a probe's or a caller's request, or a WebSocket, whose endpoint takes the place."""
        if scope["type"] == "websocket":
            return bool(scope["path"] == self._bearer_requests.endpoint)
        return scope["type"] != "http" or is_probe(scope) or scope in self._bearer_requests

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with AsyncExitStack() as place:
            usage = usage_of(scope)
            await place.enter_async_context(self._limiter.place(usage))
            piecewise = self._limiter.bodies.sending(send, usage, scope["state"].get("transport"))

            async def sending(message: Message) -> None:
                if message["type"] == "http.response.start":
                    await place.aclose()
                await piecewise(message)

            with suppress(ConnectionEndedError):
                await self._app(scope, receive, sending)


class AnonymousPacingMiddleware:
    """Middleware that spreads simultaneous requests, and delays refusals of anonymous clients.

    It is the outermost. Probes are neither spread nor delayed.
    """

    def __init__(self, app: ASGIApp, limiter: AnonymousLimiter, *, bearer_requests: BearerRequests) -> None:
        self._app = app
        self._limiter = limiter
        self._bearer_requests = bearer_requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_for_probe = is_probe(scope)
        WORKING_FOR.set(_PROBES if is_for_probe else "")
        is_answered_at_once = is_for_probe or scope["method"] == "OPTIONS"  # mostly a preflight
        if not is_answered_at_once and scope not in self._bearer_requests:
            await self._limiter.spread_lining_up()
        elif not self._has_recent_token(scope):
            await self._limiter.spread()
        if is_for_probe:
            await self._app(scope, receive, send)
        else:
            await self._serve(scope, receive, send)

    def _has_recent_token(self, scope: Scope) -> bool:
        if scope["path"] != self._bearer_requests.endpoint:
            return False
        token = bearer_token(Headers(scope=scope))
        return (
            not self._bearer_requests.is_token_required
            if token is None
            else digest(token) in self._limiter.recent_tokens
        )

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope.setdefault("state", {})

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400 and "caller" not in state:
                await self._limiter.delay_refusal()
            await send(message)

        await self._app(scope, receive, sending)
