"""Counts of live connections and subscriptions, of each caller and of all callers."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final
from weakref import WeakValueDictionary

from k8s.errors import ErrorCode
from server.http.responses import Refusal
from server.live.limits import LiveLimits

_RETRY_AFTER_S: Final = 5
_BEGINNINGS: Final = 16
"""Operations of one caller that begin on WebSockets at once: fewer than its places (FLEETGRAPH_MAX_CALLER_REQUESTS)."""
_MOST_WAITING_BYTES: Final = 8_000_000
"""Bytes of parameters of one caller's operations that wait for their beginning."""


class LiveAdmission:
    """The live connections and subscriptions of all callers.

    Attributes:
        connections: The number of open connections.
        subscriptions: The number of running subscriptions.
    """

    connections = 0
    subscriptions = 0

    def __init__(self, limits: LiveLimits) -> None:
        self._limits = limits
        self._connections_of: Counter[str] = Counter()
        self._subscriptions_of: Counter[str] = Counter()
        self._beginnings: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._waiting_bytes: Counter[str] = Counter()

    @contextmanager
    def connection(self, caller: str) -> Iterator[None]:
        """Counts a connection of a caller.

        Raises:
            Refusal: 429; the caller has too many. 503; all callers together have too many.
        """
        limits = self._limits
        if self._connections_of[caller] >= limits.caller_connections:
            raise _refused(
                429,
                f"Your live connections: {limits.caller_connections}, which is the limit "
                "(FLEETGRAPH_MAX_CALLER_LIVE_CONNECTIONS). Close one first.",
            )
        if self.connections >= limits.connections:
            raise _refused(
                503,
                f"Live connections: {limits.connections}, which is the limit (FLEETGRAPH_MAX_LIVE_CONNECTIONS). "
                "Try again later.",
            )
        self.connections += 1
        try:
            with _counted(self._connections_of, caller):
                yield
        finally:
            self.connections -= 1

    @contextmanager
    def stream(self, caller: str) -> Iterator[None]:
        """Counts a connection with one subscription; raises as `connection`."""
        with self.connection(caller), self.subscription(caller):
            yield

    @contextmanager
    def subscription(self, caller: str) -> Iterator[None]:
        """Counts a subscription of a caller; raises as `connection`."""
        limits = self._limits
        if self._subscriptions_of[caller] >= limits.caller_subscriptions:
            raise _refused(
                429,
                f"Your subscriptions: {limits.caller_subscriptions}, which is the limit "
                "(FLEETGRAPH_MAX_CALLER_SUBSCRIPTIONS). End one first.",
            )
        if self.subscriptions >= limits.subscriptions:
            raise _refused(
                503,
                f"Subscriptions: {limits.subscriptions}, which is the limit (FLEETGRAPH_MAX_SUBSCRIPTIONS). "
                "Try again later.",
            )
        self.subscriptions += 1
        try:
            with _counted(self._subscriptions_of, caller):
                yield
        finally:
            self.subscriptions -= 1

    @asynccontextmanager
    async def beginning(self, caller: str, size_bytes: int) -> AsyncIterator[None]:
        """Lets an operation begin when it is its turn among those of its caller.

        A page or gateway that comes back begins all its subscriptions at once, and gives up those that are refused.

        Args:
            caller: The name of the caller.
            size_bytes: The size of the parameters.

        Raises:
            Refusal: 429; too many bytes wait.
        """
        if self._waiting_bytes[caller] + size_bytes > _MOST_WAITING_BYTES:
            raise _refused(
                429,
                "The parameters of your operations that wait to begin: more than 8 MB, which is the limit. Wait for a "
                "response first.",
            )
        turns = self._beginnings.setdefault(caller, asyncio.Semaphore(_BEGINNINGS))
        with _counted(self._waiting_bytes, caller, size_bytes):
            async with turns:
                yield


@contextmanager
def _counted(counts: Counter[str], caller: str, count: int = 1) -> Iterator[None]:
    counts[caller] += count
    try:
        yield
    finally:
        counts[caller] -= count
        if not counts[caller]:
            del counts[caller]


def _refused(status: int, message: str) -> Refusal:
    return Refusal(status, message, code=ErrorCode.TOO_MANY_REQUESTS, headers={"Retry-After": str(_RETRY_AFTER_S)})
