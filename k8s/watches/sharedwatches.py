"""One watch of a target for all who need it: begun by the first, ended some minutes after the last."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from contextvars import Context
from functools import partial
from typing import Final

from k8s import errors
from k8s.masking.masking import STANDARD, Masking
from k8s.watches.clusterwatching import ClusterWatching
from k8s.watches.freshness import Freshness
from k8s.watches.heldobjects import HeldObjects
from k8s.watches.limits import WatchLimits
from k8s.watches.reflector.watchevent import WatchEvent
from k8s.watches.reflector.watchevents import watch_events
from k8s.watches.sharedwatch import SharedWatch
from k8s.watches.target import WatchTarget
from k8s.watches.watchbudget import require_room
from k8s.watches.watchsource import WatchSource

_REPLAYS_AT_ONCE: Final = 4
"""Short watches from old versions that run at once, of one cluster and identity."""


class SharedWatches:
    """The watches of one cluster with one identity; nothing of them crosses identities."""

    def __init__(
        self,
        connection: WatchSource,
        *,
        linger_s: float,
        common: ClusterWatching | None = None,
        masking: Masking = STANDARD,
        limits: WatchLimits | None = None,
    ) -> None:
        """Takes the connection.

        Args:
            connection: The connection of all of them.
            linger_s: Seconds for which a watch goes on that nobody needs.
            common: The common parts of the cluster's watches, of all identities.
            masking: The masks of values that are not held.
            limits: Limits of each watch.
        """
        self._connection = connection
        self._linger_s = linger_s
        self._common = common or ClusterWatching()
        self._masking = masking
        self._limits = limits or WatchLimits()
        self._shared: dict[WatchTarget, SharedWatch] = {}
        self._replays, self._is_closed = asyncio.Semaphore(_REPLAYS_AT_ONCE), False

    @property
    def is_used(self) -> bool:
        """Returns whether anybody needs any of the watches."""
        return any(shared.users for shared in self._shared.values())

    @contextmanager
    def held(self, target: WatchTarget) -> Iterator[HeldObjects]:
        """Yields the objects of a target, which its watch keeps current at least until the context is left.

        Raises:
            TooManyWatches: No further watch may run.
        """
        shared = self._shared.get(target) or self._begin(target)
        shared.users += 1
        self._need(shared)
        try:
            yield shared.held
        finally:
            shared.users -= 1
            if not shared.users and self._shared.get(target) is shared:
                self._spare(shared)

    def current(self, target: WatchTarget) -> HeldObjects | None:
        """Returns the objects of a target if a watch keeps them current already."""
        shared = self._shared.get(target)
        return None if shared is None or shared.held.freshness is not Freshness.LIVE else shared.held

    async def since(
        self, target: WatchTarget, version: str, *, limit_s: float
    ) -> AsyncGenerator[list[WatchEvent], None]:
        """Yields the events after an old version, by a short watch of its own; raises `Gone` if it is too old."""
        call = target.call_from(version, ends_after_s=max(1, round(limit_s)))
        async with self._replays, self._connection.stream(call, answer_s=limit_s, silence_s=limit_s) as stream:
            events = watch_events(
                stream, self._connection.name, call, most_bytes=self._limits.event_bytes, silence_s=limit_s
            )
            async with aclosing(events) as batches:
                async for batch in batches:
                    yield batch

    async def close(self) -> None:
        """Ends all watches at once, because the registration or the rights of the identity are others now."""
        self._is_closed = True
        all_shared = tuple(self._shared.values())
        for shared in all_shared:
            self._end(shared)
        tasks = [task for shared in all_shared for task in shared.tasks]
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._connection.close()

    def _begin(self, target: WatchTarget) -> SharedWatch:
        if self._is_closed:
            raise self._ended()
        common = self._common
        require_room(self._connection.name, common.budgets)
        for budget in common.budgets:
            budget.running += 1
        shared = self._shared[target] = SharedWatch(
            self._connection, target, common=common, masking=self._masking, limits=self._limits
        )
        common.figures.running.add(shared.held)
        shared.share.give_back = partial(self._give_back, shared)
        if common.memory is not None:
            common.memory.shares.add(shared.share)
        return shared

    def _give_back(self, shared: SharedWatch) -> None:
        """Gives back the memory of a watch."""
        if shared.users:
            shared.stop_too_much()
        else:
            self._end(shared)

    def _need(self, shared: SharedWatch) -> None:
        shared.share.is_needed = True
        if shared.ending is not None:
            shared.ending.cancel()
            shared.ending = None
            for budget in self._common.budgets:
                budget.unused.pop(shared, None)

    def _spare(self, shared: SharedWatch) -> None:
        """Lets a watch go on for a while that nobody needs; one that never had all objects ends at once."""
        if not shared.held.is_complete:
            self._end(shared)
            return
        shared.share.is_needed = False
        shared.ending = Context().run(asyncio.get_running_loop().call_later, self._linger_s, self._end, shared)
        for budget in self._common.budgets:
            budget.unused[shared] = partial(self._end, shared)

    def _end(self, shared: SharedWatch) -> None:
        if self._shared.get(shared.held.target) is not shared:
            return
        self._need(shared)
        del self._shared[shared.held.target]
        for budget in self._common.budgets:
            budget.running -= 1
        self._common.figures.running.discard(shared.held)
        shared.end(self._ended())
        if self._common.memory is not None:
            self._common.memory.shares.discard(shared.share)

    def _ended(self) -> errors.ClusterError:
        cause = "its registration, or the caller's rights there, have changed, so its watches have ended; try again."
        return errors.BrokenOff(self._connection.name, cause)
