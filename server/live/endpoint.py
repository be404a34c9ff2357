"""`/graphql` as a WebSocket: the rules in the order in which a client meets them.

A handshake without a token that was valid lately is an anonymous request, since its token is verified later. Its
connection is that of an unknown client until `connection_init` brings a token. From then on it counts
among its caller's live connections alone.
"""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response
from starlette.websockets import WebSocket

from k8s.errors import ErrorCode
from resolvers.caller import Caller
from server.app.draining import Draining
from server.app.endpoint import EXPLAIN_HEADER
from server.auth.accesslost import RIGHTS_LOST, TOKEN_LOST, AccessLost
from server.auth.bearer import TokenAuthenticator, authenticate, bearer_token, caller_of
from server.auth.development import DevelopmentIdentity
from server.auth.shared import digest
from server.http.cors import is_allowed_origin
from server.http.responses import Refusal, error_response
from server.live.admission import LiveAdmission
from server.live.closing import CloseCode, Closed
from server.live.limits import LiveLimits
from server.live.messages import SUBPROTOCOL
from server.live.operating import Operations, Session
from server.live.reviews import AccessEnded, Reviews
from server.live.websocket import LiveConnection
from server.ratelimit.anonymous import AnonymousLimiter
from server.ratelimit.ratelimit import CallerLimiter
from server.serve.connectionusage import usage_of
from store.errors import StoreError

_STOPPED_AT_ONCE: Final = 100
_STOP_PAUSE_S: Final = 0.02
"""Pauses between the ends of many connections: their clients do not all come back at the same moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveServices:
    """The services around WebSockets.

    Attributes:
        callers: Authenticates tokens.
        development: The identity of clients without a token, if they are allowed.
        anonymous_limiter: Limits handshakes without a token.
        caller_limiter: Limits authenticated requests.
        admission: Counts connections.
        reviews: End connections whose callers lose their access.
        draining: Says when the server stops.
        origins: Origins whose pages may connect, beside those of this server.
    """

    callers: TokenAuthenticator
    development: DevelopmentIdentity | None
    anonymous_limiter: AnonymousLimiter
    caller_limiter: CallerLimiter
    admission: LiveAdmission
    reviews: Reviews
    draining: Draining
    origins: frozenset[str] = frozenset()


class LiveEndpoint:
    """The endpoint of WebSockets."""

    def __init__(self, operations: Operations, services: LiveServices, limits: LiveLimits) -> None:
        self._operations = operations
        self._services = services
        self._limits = limits
        self._connections: set[LiveConnection] = set()
        self._stopping: asyncio.Task[None] | None = None

    async def serve(self, websocket: WebSocket) -> None:
        """Serves one WebSocket."""
        try:
            if not await self._accept(websocket):
                return
        except Refusal as refusal:
            websocket.scope["state"]["error_code"] = refusal.code
            await self._services.anonymous_limiter.delay_refusal()
            await websocket.send_denial_response(_refused(websocket, refusal))
            return
        connection = LiveConnection(websocket, self._operations, self._limits)
        self._connections.add(connection)
        self._watch_stop()
        if self._services.draining.has_begun:  # since the handshake came
            connection.stop()
        async with AsyncExitStack() as places:

            async def begin(presented: str | None) -> Session:
                return await self._session(websocket, presented, places, connection)

            try:
                await connection.serve(begin)
            finally:
                self._connections.discard(connection)
                self._stop_watching()

    async def _accept(self, websocket: WebSocket) -> bool:
        """Accepts a handshake; returns False if the client does not speak the protocol.

        Raises:
            Refusal: 403; the page may not connect. 503; too many anonymous clients come.
        """
        services = self._services
        token = bearer_token(websocket.headers)
        if token is None or digest(token) not in services.anonymous_limiter.recent_tokens:
            await services.anonymous_limiter.spread_lining_up()
            async with services.anonymous_limiter.place(usage_of(websocket.scope)):
                return await self._agree(websocket)
        await services.anonymous_limiter.spread()
        return await self._agree(websocket)

    async def _agree(self, websocket: WebSocket) -> bool:
        """Accepts a handshake with the protocol; closes another one with a code that browsers show."""
        services = self._services
        if not is_allowed_origin(websocket.headers, services.origins):
            raise Refusal(
                403,
                "This page may not open a WebSocket here: its origin is neither this server's nor in "
                "FLEETGRAPH_CORS_ORIGINS.",
                code=ErrorCode.FORBIDDEN,
            )
        if services.development is not None:
            services.development.check(websocket)
        offered: list[str] = websocket.scope.get("subprotocols", [])
        if SUBPROTOCOL in offered:
            await websocket.accept(SUBPROTOCOL)
            return True
        await websocket.accept(offered[0] if offered else None)
        reason = f"Subprotocol not acceptable: use {SUBPROTOCOL}"
        await websocket.close(CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE, reason)
        return False

    async def _session(
        self, websocket: WebSocket, presented: str | None, places: AsyncExitStack, connection: LiveConnection
    ) -> Session:
        """Returns the session of a client.

        Raises:
            Closed: It has no valid token, or too many connections.
        """
        token, state = presented or bearer_token(websocket.headers), websocket.scope["state"]
        link: Any = state.get("link")

        def lose(lost: AccessLost) -> None:
            state["error_code"] = lost.code
            connection.lose(lost)

        try:
            caller = await self._caller(websocket, token)
            self._services.caller_limiter.count_request(caller.name)
            places.enter_context(self._services.admission.connection(caller.name))
            await places.enter_async_context(self._services.reviews.reviewed(caller, token, lose))
        except Refusal as refusal:
            state["error_code"] = refusal.code
            if refusal.status == 401:
                await self._services.anonymous_limiter.delay_refusal()
            raise _closed(refusal) from None
        except AccessEnded as ended:
            raise Closed(CloseCode.FORBIDDEN, ended.lost.message) from None
        except StoreError:
            raise Closed(CloseCode.TRY_AGAIN_LATER, "The registry cannot be read at the moment") from None
        state["caller"] = caller.name
        if link is not None:
            limits = self._limits
            link.admit(
                message_bytes=limits.message_bytes,
                message_timeout_s=limits.message_timeout_s,
                send_timeout_s=limits.send_timeout_s,
            )

        async def verify() -> None:
            await self._verify(caller, token, lose)

        return Session(
            caller=caller,
            token=token,
            verify=verify,
            abort=link.abort if link is not None else lambda: None,
            is_explained=websocket.headers.get(EXPLAIN_HEADER, "").lower() in {"1", "true"},
        )

    async def _verify(self, caller: Caller, token: str | None, lose: Callable[[AccessLost], None]) -> None:
        """Verifies a token again for an operation; a token that is valid no longer ends the connection."""
        if token is None:
            return
        try:
            current = await caller_of(token, self._services.callers)
        except Refusal as refusal:
            if refusal.status == 401:
                lose(TOKEN_LOST)
            raise
        if current != caller:
            lose(RIGHTS_LOST)
            raise Refusal(401, RIGHTS_LOST.message, code=RIGHTS_LOST.code)

    async def _caller(self, websocket: WebSocket, token: str | None) -> Caller:
        services = self._services
        if token is None:
            return await authenticate(websocket, services.callers, development=services.development)
        with ExitStack() as places:
            key = digest(token)
            places.enter_context(services.caller_limiter.for_token(key))
            caller = await caller_of(token, services.callers)
        services.anonymous_limiter.recent_tokens.add(key)
        return caller

    def _watch_stop(self) -> None:
        if self._stopping is None:
            self._stopping = asyncio.create_task(self._stop(), name="stop of live connections")

    def _stop_watching(self) -> None:
        if self._stopping is not None and not self._connections:
            self._stopping.cancel()
            self._stopping = None

    async def _stop(self) -> None:
        """Ends all connections, not all at once, when the server stops."""
        await self._services.draining.stopping.wait()
        for number, connection in enumerate(tuple(self._connections), start=1):
            connection.stop()
            if number % _STOPPED_AT_ONCE == 0:
                await asyncio.sleep(_STOP_PAUSE_S)


def _closed(refusal: Refusal) -> Closed:
    code = CloseCode.FORBIDDEN if refusal.status in {401, 403} else CloseCode.TRY_AGAIN_LATER
    return Closed(code, str(refusal))


def _refused(websocket: WebSocket, refusal: Refusal) -> Response:
    accept = websocket.headers.get("accept")
    return error_response(refusal.status, str(refusal), code=refusal.code, headers=refusal.headers, accept=accept)
