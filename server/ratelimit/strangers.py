"""Requests of strangers: pages, the schema, addresses that do not exist, and whatever comes without a valid token.

Strangers share one rate and a number of places, in an order that puts browsers before those who ask all the time
(`server.ratelimit.strangerqueue`), and never wait in a queue of callers. Refusals leave one after the other at equal
distances once there are many, so that connections which ask on and on take little of the event loop, however many they
are. A place is held until the answer begins: bodies are prepared, and sent as they are taken, at a rate of their own.
Of what comes in the same moment, more than a few are worked on one in a turn of the loop.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from random import uniform
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from k8s.errors import ErrorCode
from k8s.turns.turns import WORKING_FOR, turn
from server.auth.bearer import bearer_token
from server.auth.shared import digest
from server.http.responses import RETRY_AFTER_S, Refusal, error_response
from server.ratelimit.callersrequests import CallersRequests
from server.ratelimit.familiartokens import FamiliarTokens
from server.ratelimit.strangerbodies import ReaderGoneError, StrangerBodies
from server.ratelimit.strangerqueue import StrangerQueue
from server.ratelimit.tokenbucket import TokenBucket
from server.serve.connection import is_probe
from server.serve.connectionusage import ConnectionUsage, usage_of

_BURST_S: Final = 5.0
"""Seconds whose requests may come at once: a browser asks for about a hundred files of GraphiQL at the same time."""
_WAIT_S: Final = 5.0
"""The longest wait of a request for its turn and a place."""
_REFUSALS_PER_S: Final = 200
_REFUSALS_AT_ONCE: Final = 100
_LATEST_S: Final = 5.0
"""The longest delay of a refusal."""
_AT_ONCE: Final = 4
"""Requests that are worked on in the same turn of the loop."""
_LINED_UP_AT_ONCE: Final = 32
"""Requests that are lined up in the same turn of the loop: a tenth of a millisecond each."""
_PROBES: Final = " probes"
"""Whom probes work for: no caller's name begins with a space."""
_MOST_LATE: Final = 2000
"""Refusals that are delayed at once; more leave at once, for memory's sake."""


@dataclass(frozen=True, slots=True)
class StrangerLimits:
    """Bounds of all strangers' requests together; each is a setting (docs/settings.md).

    Attributes:
        requests: Worked on at once.
        requests_per_minute: Answered in a minute.
    """

    requests: int = 100
    requests_per_minute: int = 12_000


class Strangers:
    """What strangers may still ask for.

    Attributes:
        bodies: What is being sent to them.
        familiar: The tokens of those who are none.
    """

    def __init__(self, limits: StrangerLimits) -> None:
        per_s = limits.requests_per_minute / 60
        burst = max(1.0, per_s * _BURST_S)
        self._limits = limits
        self._requests = StrangerQueue(per_s=per_s, burst=burst, places=limits.requests, most_wait_s=_WAIT_S)
        self._refusals = TokenBucket(per_s=_REFUSALS_PER_S, burst=_REFUSALS_AT_ONCE)
        self.bodies = StrangerBodies(requests_per_s=per_s)
        self.familiar = FamiliarTokens()
        self._late = 0
        self._turn_s, self._in_turn = 0.0, 0

    async def spread(self) -> None:
        """Returns in this turn of the loop, or a later one if several of these come at once."""
        if self._counted() > _AT_ONCE:
            await turn()

    async def spread_lining_up(self) -> None:
        """Returns in this turn of the loop, or the next that has room: where they are lined up, nobody waits long."""
        while self._counted() > _LINED_UP_AT_ONCE:  # noqa: ASYNC110  the next turn of the loop is the event
            await asyncio.sleep(0)

    def _counted(self) -> int:
        now_s = asyncio.get_running_loop().time()  # uvloop's time stands still in a turn
        if now_s != self._turn_s:
            self._turn_s, self._in_turn = now_s, 0
        self._in_turn += 1
        return self._in_turn

    @asynccontextmanager
    async def place(self, usage: ConnectionUsage) -> AsyncIterator[None]:
        """Works on a request of a stranger when its turn comes.

        Args:
            usage: How its connection asks.

        Raises:
            Refusal: 503; too many come, or are worked on.
        """
        loop = asyncio.get_running_loop()
        is_taken = await self._requests.take(usage, is_first=usage.begins(loop.time()))
        usage.goes_on(loop.time())
        if not is_taken:
            raise self._refused()
        try:
            yield
        finally:
            self._requests.give_back()

    def _refused(self) -> Refusal:
        if self._requests.is_full:
            return _refusal(
                "Requests that have no token, or are answered without one, under way: "
                f"{self._limits.requests}, which is the limit (FLEETGRAPH_MAX_ANONYMOUS_REQUESTS). Ask again later."
            )
        return _refusal(
            "Requests that have no token, or are answered without one: more than "
            f"{self._limits.requests_per_minute} in a minute (FLEETGRAPH_MAX_ANONYMOUS_REQUESTS_PER_MINUTE). "
            "Ask again later."
        )

    async def delay_refusal(self) -> None:
        """Returns when a stranger may be refused."""
        if self._late >= _MOST_LATE:
            return
        wait_s = self._refusals.wait_s(most_s=_LATEST_S)
        if wait_s == 0:
            return
        self._late += 1
        try:
            await asyncio.sleep(uniform(_LATEST_S / 2, _LATEST_S) if wait_s is None else wait_s)  # noqa: S311  no secret
        finally:
            self._late -= 1


class StrangerAdmission:
    """Gives requests a place among those of strangers, except probes, and what may be a caller's."""

    def __init__(self, app: ASGIApp, strangers: Strangers, *, callers: CallersRequests) -> None:
        self._app = app
        self._strangers = strangers
        self._callers = callers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http" or is_probe(scope) or scope in self._callers:
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
            await response(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with AsyncExitStack() as place:
            usage = usage_of(scope)
            await place.enter_async_context(self._strangers.place(usage))
            piecewise = self._strangers.bodies.sending(send, usage, scope["state"].get("transport"))

            async def sending(message: Message) -> None:
                if message["type"] == "http.response.start":
                    await place.aclose()
                await piecewise(message)

            with suppress(ReaderGoneError):
                await self._app(scope, receive, sending)


class StrangerPacing:
    """Outermost: what strangers send at once is spread, and their refusals are delayed, except those of probes."""

    def __init__(self, app: ASGIApp, strangers: Strangers, *, callers: CallersRequests) -> None:
        self._app = app
        self._strangers = strangers
        self._callers = callers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_for_probe = is_probe(scope)
        WORKING_FOR.set(_PROBES if is_for_probe else "")
        is_answered_at_once = is_for_probe or scope["method"] == "OPTIONS"  # a preflight, for most
        if not is_answered_at_once and scope not in self._callers:
            await self._strangers.spread_lining_up()
        elif not self._is_familiar(scope):
            await self._strangers.spread()
        if is_for_probe:
            await self._app(scope, receive, send)
        else:
            await self._serve(scope, receive, send)

    def _is_familiar(self, scope: Scope) -> bool:
        if scope["path"] != self._callers.endpoint:
            return False
        token = bearer_token(Headers(scope=scope))
        return not self._callers.is_token_required if token is None else digest(token) in self._strangers.familiar

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope.setdefault("state", {})

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400 and "caller" not in state:
                await self._strangers.delay_refusal()
            await send(message)

        await self._app(scope, receive, sending)


def _refusal(message: str) -> Refusal:
    return Refusal(503, message, code=ErrorCode.TOO_MANY_REQUESTS, headers={"Retry-After": str(RETRY_AFTER_S)})
