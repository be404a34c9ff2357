"""One watch of a target for all who need it: begun by the first, ended some minutes after the last."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from typing import Final

from k8s.masking.masking import STANDARD, Masking
from k8s.transport.deadline import Deadline
from k8s.watches.heldobjects import HeldObjects
from k8s.watches.limits import WatchLimits
from k8s.watches.rights import lost_right
from k8s.watches.target import WatchTarget
from k8s.watches.watch import Watch
from k8s.watches.watchevents import WatchEvent, watch_events
from k8s.watches.watchsource import WatchSource

_REPLAYS_AT_ONCE: Final = 4
"""Short watches from old versions that run at once, of one cluster and identity."""


class TooManyWatches(Exception):
    """The watches of a cluster, or of all clusters, are used up."""


@dataclass(slots=True, weakref_slot=True)
class WatchBudget:
    """The number of watches that may run at once.

    Attributes:
        most: The limit.
        running: The number that run.
    """

    most: int
    running: int = 0


@dataclass(slots=True)
class _Shared:
    held: HeldObjects
    watching: "asyncio.Task[None]"
    users: int = 0
    ending: asyncio.TimerHandle | None = field(default=None)
    is_revoked: bool = False


class SharedWatches:
    """The watches of one cluster with one identity; nothing of them crosses identities."""

    def __init__(
        self,
        connection: WatchSource,
        *,
        linger_s: float,
        budgets: tuple[WatchBudget, ...] = (),
        masking: Masking = STANDARD,
        limits: WatchLimits | None = None,
    ) -> None:
        """Takes the connection.

        Args:
            connection: The connection of all of them.
            linger_s: Seconds for which a watch goes on that nobody needs.
            budgets: The budgets of this cluster and of all clusters.
            masking: The masks of values that are not held.
            limits: Limits of each watch.
        """
        self._connection = connection
        self._linger_s = linger_s
        self._budgets = budgets
        self._masking = masking
        self._limits = limits or WatchLimits()
        self._shared: dict[WatchTarget, _Shared] = {}
        self._reviewing: asyncio.Task[None] | None = None
        self._replays = asyncio.Semaphore(_REPLAYS_AT_ONCE)

    @contextmanager
    def held(self, target: WatchTarget) -> Iterator[HeldObjects]:
        """Yields the objects of a target, which its watch keeps current at least until the context is left.

        Raises:
            TooManyWatches: No further watch may run.
        """
        shared = self._shared.get(target) or self._begin(target)
        shared.users += 1
        if shared.ending is not None:
            shared.ending.cancel()
            shared.ending = None
        try:
            yield shared.held
        finally:
            shared.users -= 1
            if not shared.users and self._shared.get(target) is shared:
                shared.ending = asyncio.get_running_loop().call_later(self._linger_s, self._end, target, shared)

    async def since(
        self, target: WatchTarget, version: str, *, limit_s: float
    ) -> AsyncGenerator[list[WatchEvent], None]:
        """Yields the events of a target after a version, with bookmarks, until the server ends the watch.

        It is a short watch beside the shared one, for whoever continues from an old version.

        Raises:
            Gone: The version is too old.
            ClusterError: There is no answer, or it is a refusal.
        """
        call = target.call_from(version, ends_after_s=max(1, round(limit_s)))
        async with self._replays:
            async with self._connection.stream(call, answer_s=limit_s, silence_s=limit_s) as stream:
                events = watch_events(stream, self._connection.name, call, most_bytes=self._limits.event_bytes)
                async with aclosing(events) as batches:
                    async for batch in batches:
                        yield batch

    async def close(self) -> None:
        """Ends all watches at once."""
        tasks = [shared.watching for shared in self._shared.values()]
        for target, shared in tuple(self._shared.items()):
            self._end(target, shared)
        if self._reviewing is not None:
            self._reviewing.cancel()
            tasks.append(self._reviewing)
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._connection.close()

    def _begin(self, target: WatchTarget) -> _Shared:
        self._make_room()
        for budget in self._budgets:
            budget.running += 1
        held = HeldObjects(target, self._masking.of(target.kind))
        shared = self._shared[target] = _Shared(held, self._watched(target, held))
        if self._reviewing is None or self._reviewing.done():
            self._reviewing = asyncio.create_task(self._review(), name=f"rights to watch {self._connection.name}")
        return shared

    def _watched(self, target: WatchTarget, held: HeldObjects) -> "asyncio.Task[None]":
        watch = Watch(self._connection, target, limits=self._limits)
        return asyncio.create_task(watch.run(held), name=f"watch of {target}")

    async def _review(self) -> None:
        """Reviews the rights to all watches, until there is none."""
        while self._shared:
            await asyncio.sleep(self._limits.review_s)
            for target, shared in tuple(self._shared.items()):
                error = await lost_right(self._connection, target, Deadline(self._limits.answer_s))
                if self._shared.get(target) is not shared:
                    continue
                if error is not None and not shared.is_revoked:
                    shared.watching.cancel()
                    shared.held.revoke(error)
                elif error is None and shared.is_revoked:
                    shared.watching = self._watched(target, shared.held)
                shared.is_revoked = error is not None

    def _make_room(self) -> None:
        """Ends watches that nobody needs, the oldest first, until one more may run."""
        for target, shared in tuple(self._shared.items()):
            if not self._is_full:
                return
            if not shared.users:
                self._end(target, shared)
        if self._is_full:
            raise TooManyWatches

    @property
    def _is_full(self) -> bool:
        return any(budget.running >= budget.most for budget in self._budgets)

    def _end(self, target: WatchTarget, shared: _Shared) -> None:
        if shared.ending is not None:
            shared.ending.cancel()
        if self._shared.get(target) is shared:
            del self._shared[target]
            for budget in self._budgets:
                budget.running -= 1
        shared.watching.cancel()
