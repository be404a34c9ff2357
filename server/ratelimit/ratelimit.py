"""Limits of authenticated requests: of one caller at once and per minute, and of all callers at once.

A caller's requests wait for each other, within limits. A request over a limit is refused at once, before its body is
read, with a time for the retry. No request waits for another caller's.
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
"""The default time before a retry: most queries end within it."""
_REFUSED_AT_ONCE: Final = 100
"""Refusals of one token in a second; a client that continues without waiting gets further ones late."""
_DELAY_S: Final = 1.0
_REMEMBERED: Final = 1000
"""The number of callers from which idle ones are forgotten, once their rate is full again."""


@dataclass(frozen=True, slots=True)
class CallerLimits:
    """Limits of authenticated requests; each is a setting (docs/settings.md).

    Attributes:
        requests: Under way at once, of all callers.
        caller_requests: Under way at once, of one caller.
        caller_waiting: Waiting for those, of one caller.
        caller_wait_s: The longest wait, in seconds.
        caller_requests_per_minute: Of one caller; as many may come at once.
    """

    requests: int = 500
    caller_requests: int = 20
    caller_waiting: int = 80
    caller_wait_s: float = 10.0
    caller_requests_per_minute: int = 6000


class _Caller:
    """The rate of one caller (a token bucket), and its requests under way and waiting."""

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
        """Passes the place on to the request that waits longest."""
        while self.waiting:
            waiter = self.waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self.running -= 1


class CallerLimiter:
    """The limits of authenticated requests, and the requests under way."""

    def __init__(self, limits: CallerLimits) -> None:
        self._limits = limits
        self._running = 0
        self._of_token: Counter[bytes] = Counter()
        self._refused: Counter[bytes] = Counter()
        self._refused_since_s = -inf
        self._callers: dict[str, _Caller] = {}

    @contextmanager
    def any_caller(self) -> Iterator[None]:
        """Counts a request of any caller.

        Raises:
            Refusal: 503; too many are under way.
        """
        if self._running >= self._limits.requests:
            raise _refused(
                503,
                f"Requests under way: {self._running}; the limit is {self._limits.requests} "
                "(FLEETGRAPH_MAX_CONCURRENT_REQUESTS). Ask again later.",
            )
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1

    @contextmanager
    def for_token(self, token: bytes) -> Iterator[None]:
        """Counts a request with a token, before its caller is known.

        Args:
            token: The token's digest.

        Raises:
            Refusal: 429; the token has as many requests as one caller is allowed.
        """
        count, most = self._of_token[token], self._limits.caller_requests + self._limits.caller_waiting
        if count >= most:
            raise _refused(
                429,
                f"Your requests under way or waiting: {count}; the limit is {most} (FLEETGRAPH_MAX_CALLER_REQUESTS and "
                "FLEETGRAPH_MAX_CALLER_WAITING together). Wait for a response first.",
            )
        self._of_token[token] += 1
        try:
            yield
        finally:
            self._of_token[token] -= 1
            if not self._of_token[token]:
                del self._of_token[token]

    def refusal_delay_s(self, token: bytes) -> float:
        """Counts a refusal of a token, and returns the seconds by which to delay it.

        Only clients that retry without waiting are delayed.
        """
        now_s = monotonic()
        if now_s - self._refused_since_s >= 1:
            self._refused.clear()
            self._refused_since_s = now_s
        self._refused[token] += 1
        return _DELAY_S if self._refused[token] > _REFUSED_AT_ONCE else 0.0

    @asynccontextmanager
    async def for_caller(self, name: str) -> AsyncIterator[None]:
        """Runs a request of a caller, as soon as the caller's others leave a place.

        Raises:
            Refusal: 429; too many of the caller's requests are under way or came in the last minute, or it waited too
                long.
        """
        caller = self._caller(name)
        self._take_from_rate(caller)
        if caller.running < self._limits.caller_requests:
            caller.running += 1
        else:
            await self._wait(caller)
        try:
            yield
        finally:
            caller.leave()

    def count_request(self, name: str) -> None:
        """Counts a request of a caller that takes no place, such as the beginning of a live connection.

        Raises:
            Refusal: 429; too many came in the last minute.
        """
        self._take_from_rate(self._caller(name))

    def _take_from_rate(self, caller: _Caller) -> None:
        """Takes one request from the caller's rate."""
        if caller.left < 1:
            per_minute = self._limits.caller_requests_per_minute
            raise _refused(
                429,
                f"Your requests: more than {per_minute} in a minute (FLEETGRAPH_MAX_CALLER_REQUESTS_PER_MINUTE). "
                "Ask again later.",
                retry_after_s=max(1, ceil((1 - caller.left) * 60 / per_minute)),
            )
        caller.left -= 1

    async def _wait(self, caller: _Caller) -> None:
        limits = self._limits
        if len(caller.waiting) >= limits.caller_waiting:
            raise _refused(
                429,
                f"Your requests: {caller.running} under way, {len(caller.waiting)} waiting; at most "
                f"{limits.caller_waiting} may wait (FLEETGRAPH_MAX_CALLER_WAITING). Wait for a response first.",
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
                f"Your requests under way: {caller.running}; the limit is {limits.caller_requests} "
                f"(FLEETGRAPH_MAX_CALLER_REQUESTS). None ended within {limits.caller_wait_s:g} s. Ask again later.",
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
    """Leaves the queue, or passes on a place that came too late."""
    if place.done() and not place.cancelled():
        caller.leave()
    elif place in caller.waiting:
        caller.waiting.remove(place)


def _refused(status: int, message: str, *, retry_after_s: int = _RETRY_AFTER_S) -> Refusal:
    return Refusal(status, message, code=ErrorCode.TOO_MANY_REQUESTS, headers={"Retry-After": str(retry_after_s)})
