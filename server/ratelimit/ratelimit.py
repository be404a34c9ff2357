"""How many requests are worked on: of one caller at once and per minute, and of all callers at once.

A caller's requests wait for each other, within bounds; what is over a bound is refused at once, before its body is
read, with the time after which to ask again. Nobody waits for another caller's requests here.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from math import ceil, inf
from time import monotonic
from typing import Final

from k8s.errors import ErrorCode
from server.http.responses import Refusal

_RETRY_AFTER_S: Final = 1
"""Where it is unknown when there will be room: most queries are over by then."""
_REFUSED_AT_ONCE: Final = 100
"""Refusals of one token in a second; whoever does not wait after so many gets the next ones late."""
_LATE_S: Final = 1.0
_REMEMBERED: Final = 1000
"""Callers who ask nothing are forgotten from this number on, as soon as they may do all again."""


@dataclass(frozen=True, slots=True)
class CallerLimits:
    """Bounds of requests; each is a setting (docs/settings.md).

    Attributes:
        requests: worked on at once, of all callers.
        caller_requests: worked on at once, of one caller.
        caller_waiting: waiting for those, of one caller.
        caller_wait_s: seconds that one waits at most.
        caller_requests_per_minute: of one caller; as many may come at once.
    """

    requests: int = 500
    caller_requests: int = 20
    caller_waiting: int = 80
    caller_wait_s: float = 10.0
    caller_requests_per_minute: int = 6000


class _Caller:
    """What one caller may still ask for (a token bucket), what is worked on for it, and what waits for that."""

    __slots__ = ("filled_s", "left", "running", "waiting")

    def __init__(self, left: float, now_s: float) -> None:
        self.left = left
        self.filled_s = now_s
        self.running = 0
        self.waiting: deque[asyncio.Future[None]] = deque()

    def fill(self, now_s: float, *, per_minute: int) -> None:
        self.left = min(float(per_minute), self.left + (now_s - self.filled_s) * per_minute / 60)
        self.filled_s = now_s

    def leave(self) -> None:
        """Hands the place on to the request that waits longest."""
        while self.waiting:
            longest = self.waiting.popleft()
            if not longest.done():
                longest.set_result(None)
                return
        self.running -= 1


class CallerLimiter:
    """Counts requests while they are worked on."""

    def __init__(self, limits: CallerLimits) -> None:
        self._limits = limits
        self._held = 0
        self._of_token: Counter[bytes] = Counter()
        self._refused: Counter[bytes] = Counter()
        self._refused_since_s = -inf
        self._callers: dict[str, _Caller] = {}

    @contextmanager
    def any_caller(self) -> Iterator[None]:
        """Holds a request of any caller.

        Raises:
            Refusal: 503; too many are held.
        """
        if self._held >= self._limits.requests:
            raise _refused(
                503,
                f"{self._held} requests are under way, and no more than {self._limits.requests} may be "
                "(setting FLEETGRAPH_MAX_CONCURRENT_REQUESTS); ask again.",
            )
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1

    @contextmanager
    def for_token(self, token: bytes) -> Iterator[None]:
        """Holds a request of whoever has a token, before it is known who that is.

        Args:
            token: what stands for it.

        Raises:
            Refusal: 429; there are as many of them as one caller may have.
        """
        held, most = self._of_token[token], self._limits.caller_requests + self._limits.caller_waiting
        if held >= most:
            raise _refused(
                429,
                f"{held} of your requests are worked on or wait, and no more than {most} may (settings "
                "FLEETGRAPH_MAX_CALLER_REQUESTS and FLEETGRAPH_MAX_CALLER_WAITING); wait for an answer first.",
            )
        self._of_token[token] += 1
        try:
            yield
        finally:
            self._of_token[token] -= 1
            if not self._of_token[token]:
                del self._of_token[token]

    def refusal_delay_s(self, token: bytes) -> float:
        """Counts a refusal of whoever has a token; the seconds after which to say it, for who asks on and on."""
        now_s = monotonic()
        if now_s - self._refused_since_s >= 1:
            self._refused.clear()
            self._refused_since_s = now_s
        self._refused[token] += 1
        return _LATE_S if self._refused[token] > _REFUSED_AT_ONCE else 0.0

    @asynccontextmanager
    async def for_caller(self, name: str) -> AsyncIterator[None]:
        """Works on a request of a caller, as soon as others of the same caller leave room.

        Raises:
            Refusal: 429; it has too many under way, or sent too many in the last minute, or there was no room in time.
        """
        caller = self._caller(name)
        self._take(caller)
        if caller.running < self._limits.caller_requests:
            caller.running += 1
        else:
            await self._wait(caller)
        try:
            yield
        finally:
            caller.leave()

    def _take(self, caller: _Caller) -> None:
        """Takes one request from what the caller may send."""
        if caller.left < 1:
            per_minute = self._limits.caller_requests_per_minute
            raise _refused(
                429,
                f"You sent more than {per_minute} requests in a minute "
                "(setting FLEETGRAPH_MAX_CALLER_REQUESTS_PER_MINUTE).",
                retry_after_s=max(1, ceil((1 - caller.left) * 60 / per_minute)),
            )
        caller.left -= 1

    async def _wait(self, caller: _Caller) -> None:
        limits = self._limits
        if len(caller.waiting) >= limits.caller_waiting:
            raise _refused(
                429,
                f"{caller.running} of your requests are worked on and {len(caller.waiting)} wait, and no more than "
                f"{limits.caller_waiting} may (setting FLEETGRAPH_MAX_CALLER_WAITING); wait for an answer first.",
            )
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        caller.waiting.append(place)
        try:
            async with asyncio.timeout(limits.caller_wait_s):
                await place
        except TimeoutError:
            _give_up(caller, place)
            raise _refused(
                429,
                f"{caller.running} of your requests are worked on, and no more than {limits.caller_requests} may be at "
                f"once (setting FLEETGRAPH_MAX_CALLER_REQUESTS); none was done within {limits.caller_wait_s:g} s.",
            ) from None
        except BaseException:
            _give_up(caller, place)
            raise

    def _caller(self, name: str) -> _Caller:
        now_s, per_minute = monotonic(), self._limits.caller_requests_per_minute
        if name not in self._callers:
            self._forget(now_s)
            self._callers[name] = _Caller(per_minute, now_s)
        caller = self._callers[name]
        caller.fill(now_s, per_minute=per_minute)
        return caller

    def _forget(self, now_s: float) -> None:
        if len(self._callers) < _REMEMBERED:
            return
        for name, caller in list(self._callers.items()):
            caller.fill(now_s, per_minute=self._limits.caller_requests_per_minute)
            if not caller.running and caller.left >= self._limits.caller_requests_per_minute:
                del self._callers[name]


def _give_up(caller: _Caller, place: "asyncio.Future[None]") -> None:
    """Leaves the queue, or hands on the place that came too late."""
    if place.done() and not place.cancelled():
        caller.leave()
    elif place in caller.waiting:
        caller.waiting.remove(place)


def _refused(status: int, message: str, *, retry_after_s: int = _RETRY_AFTER_S) -> Refusal:
    return Refusal(status, message, code=ErrorCode.TOO_MANY_REQUESTS, headers={"Retry-After": str(retry_after_s)})
