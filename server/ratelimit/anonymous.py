"""Requests of strangers: pages, the schema, addresses that do not exist, and whatever comes without a valid token.

AnonymousLimiter share one rate and a number of places, in an order that puts browsers before those who ask all the time
(`server.ratelimit.anonymousqueue`), and never wait in a queue of callers. Refusals leave one after the other at equal
distances once there are many, so that connections which ask on and on take little of the event loop, however many they
are. A place is held until the answer begins: bodies are prepared, and sent as they are taken, at a rate of their own.
Of what comes in the same moment, more than a few are worked on one in a turn of the loop.
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
_MOST_LATE: Final = 2000
"""Refusals that are delayed at once; more leave at once, for memory's sake."""


_REMEMBERED_TOKENS: Final = 10_000


@dataclass(frozen=True, slots=True)
class AnonymousLimits:
    """Bounds of all strangers' requests together; each is a setting (docs/settings.md).

    Attributes:
        requests: Worked on at once.
        requests_per_minute: Answered in a minute.
    """

    requests: int = 100
    requests_per_minute: int = 12_000


class RecentTokens:
    """Tokens by their digests; those that were not used for longest are forgotten."""

    def __init__(self) -> None:
        self._digests: OrderedDict[bytes, None] = OrderedDict()

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._digests

    def add(self, digest: bytes) -> None:
        """Notes that a token is valid."""
        self._digests[digest] = None
        self._digests.move_to_end(digest)
        if len(self._digests) > _REMEMBERED_TOKENS:
            self._digests.popitem(last=False)


class AnonymousLimiter:
    """What strangers may still ask for.

    Attributes:
        bodies: What is being sent to them.
        familiar: The tokens of those who are none.
    """

    def __init__(self, limits: AnonymousLimits) -> None:
        per_s = limits.requests_per_minute / 60
        burst = max(1.0, per_s * _BURST_S)
        self._limits = limits
        self._requests = AnonymousQueue(per_s=per_s, burst=burst, places=limits.requests, most_wait_s=_WAIT_S)
        self._refusals = TokenBucket(per_s=_REFUSALS_PER_S, burst=_REFUSALS_AT_ONCE)
        self.bodies = AnonymousBodies(requests_per_s=per_s)
        self.recent_tokens = RecentTokens()
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
        is_taken = await self._requests.take(usage, is_first=usage.note_request(loop.time()))
        usage.note_answer(loop.time())
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


def _refusal(message: str) -> Refusal:
    return Refusal(503, message, code=ErrorCode.TOO_MANY_REQUESTS, headers={"Retry-After": str(RETRY_AFTER_S)})
