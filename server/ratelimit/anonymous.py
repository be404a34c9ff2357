"""Limits of unauthenticated requests: pages, the schema, unknown addresses, and requests without a valid token.

They share one rate and a number of places, in an order that puts browsers before clients that repeat requests all the
time (`server.ratelimit.anonymousqueue`), and never wait in a queue of callers. Once there are many refusals, they are
spread evenly, so that any number of connections takes little time of the event loop. A place is occupied until the
response begins: bodies are sent as they are read, at a rate of their own. Of requests that arrive at the same moment,
four are served at once, and further ones in a later turn of the loop.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import uniform
from typing import Final

from k8s.errors import ErrorCode
from k8s.turns.turns import turn
from server.http.responses import RETRY_AFTER_S, Refusal
from server.ratelimit.anonymousbodies import AnonymousBodies
from server.ratelimit.anonymousqueue import AnonymousQueue
from server.ratelimit.tokenbucket import TokenBucket
from server.serve.connectionusage import ConnectionUsage

_BURST_S: Final = 5.0
"""Seconds whose requests may come at once: a browser loads about a hundred files of GraphiQL at the same time."""
_WAIT_S: Final = 5.0
"""The longest wait of a request for its turn and a place."""
_REFUSALS_PER_S: Final = 200
_REFUSALS_AT_ONCE: Final = 100
_LONGEST_DELAY_S: Final = 5.0
"""The longest delay of a refusal."""
_AT_ONCE: Final = 4
"""Requests that are served in the same turn of the loop."""
_LINED_UP_AT_ONCE: Final = 32
"""Requests that join the queue in the same turn of the loop: a tenth of a millisecond each."""
_MOST_DELAYED: Final = 2000
"""The most refusals that are delayed at once; more leave at once, to limit memory."""


_REMEMBERED_TOKENS: Final = 10_000


@dataclass(frozen=True, slots=True)
class AnonymousLimits:
    """Limits of all unauthenticated requests together; each is a setting (docs/settings.md).

    Attributes:
        requests: Under way at once.
        requests_per_minute: Served in a minute.
    """

    requests: int = 100
    requests_per_minute: int = 12_000


class RecentTokens:
    """Digests of tokens that were valid lately: their requests go before anonymous ones.

    They are verified again all the same. The least recently used are forgotten.
    """

    def __init__(self) -> None:
        self._digests: OrderedDict[bytes, None] = OrderedDict()

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._digests

    def add(self, digest: bytes) -> None:
        """Adds a token that was verified."""
        self._digests[digest] = None
        self._digests.move_to_end(digest)
        if len(self._digests) > _REMEMBERED_TOKENS:
            self._digests.popitem(last=False)


class AnonymousLimiter:
    """The shared limits of unauthenticated requests.

    Attributes:
        bodies: The bodies that are being sent.
        recent_tokens: Tokens that were valid lately.
    """

    def __init__(self, limits: AnonymousLimits) -> None:
        per_s = limits.requests_per_minute / 60
        burst = max(1.0, per_s * _BURST_S)
        self._limits = limits
        self._requests = AnonymousQueue(per_s=per_s, burst=burst, places=limits.requests, most_wait_s=_WAIT_S)
        self._refusals = TokenBucket(per_s=_REFUSALS_PER_S, burst=_REFUSALS_AT_ONCE)
        self.bodies = AnonymousBodies(requests_per_s=per_s)
        self.recent_tokens = RecentTokens()
        self._delayed = 0
        self._turn_s, self._in_turn = 0.0, 0

    async def spread(self) -> None:
        """Returns in this turn of the loop, or in a later one if several requests come at once."""
        if self._counted() > _AT_ONCE:
            await turn()

    async def spread_lining_up(self) -> None:
        """Returns in this turn of the loop, or in the next that has room for another request to join the queue."""
        while self._counted() > _LINED_UP_AT_ONCE:  # noqa: ASYNC110  the next turn of the loop is the event
            await asyncio.sleep(0)

    def _counted(self) -> int:
        now_s = asyncio.get_running_loop().time()  # uvloop's time does not change within a turn
        if now_s != self._turn_s:
            self._turn_s, self._in_turn = now_s, 0
        self._in_turn += 1
        return self._in_turn

    @asynccontextmanager
    async def place(self, usage: ConnectionUsage) -> AsyncIterator[None]:
        """Runs an unauthenticated request when its turn comes.

        Args:
            usage: The usage of its connection.

        Raises:
            Refusal: 503; too many come, or are under way.
        """
        loop = asyncio.get_running_loop()
        has_place = await self._requests.take(usage, is_first=usage.note_request(loop.time()))
        usage.note_answer(loop.time())
        if not has_place:
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
        """Waits until an anonymous client may be refused."""
        if self._delayed >= _MOST_DELAYED:
            return
        wait_s = self._refusals.wait_s(most_s=_LONGEST_DELAY_S)
        if wait_s == 0:
            return
        self._delayed += 1
        try:
            await asyncio.sleep(uniform(_LONGEST_DELAY_S / 2, _LONGEST_DELAY_S) if wait_s is None else wait_s)  # noqa: S311  no secret
        finally:
            self._delayed -= 1


def _refusal(message: str) -> Refusal:
    return Refusal(503, message, code=ErrorCode.TOO_MANY_REQUESTS, headers={"Retry-After": str(RETRY_AFTER_S)})
