"""One watch of a target for all who need it: begun by the first, ended some minutes after the last."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Iterator
from contextlib import aclosing, contextmanager
from contextvars import Context
from dataclasses import dataclass
from functools import partial
from typing import Final

from k8s import errors
from k8s.masking.masking import STANDARD, Masking
from k8s.watches.clusterwatching import ClusterWatching
from k8s.watches.freshness import Freshness
from k8s.watches.heldobjects import HeldObjects
from k8s.watches.keyorder import Key
from k8s.watches.limits import WatchLimits
from k8s.watches.reflector.watch import Watch
from k8s.watches.reflector.watchevents import WatchEvent, watch_events
from k8s.watches.rights import lost_right
from k8s.watches.target import WatchTarget
from k8s.watches.watchbudget import TooMuchWatched, WatchMemory, require_room
from k8s.watches.watchsource import WatchSource

_REVIEWS_AT_ONCE: Final = 16
_REVIEW_TIMEOUT_S: Final = 5.0
_TOO_MUCH_S: Final = 300.0
"""Seconds after which a watch is tried again whose objects did not fit in the memory."""
_INTERNAL_S: Final = 30.0
"""Seconds after which a watch is tried again that failed by a mistake of ours."""
_REPLAYS_AT_ONCE: Final = 4
"""Short watches from old versions that run at once, of one cluster and identity."""


@dataclass(slots=True, eq=False)
class _Shared:
    """One watch, whose objects are held for all its users.

    Attributes:
        is_stopped: Whether it does not run, because its objects may not be seen or do not fit.
        stopped_until_s: The time of the loop until which that stays so, whatever the rights are.
    """

    held: HeldObjects
    watching: "asyncio.Task[None]"
    users: int = 0
    ending: asyncio.TimerHandle | None = None
    is_stopped: bool = False
    stopped_until_s: float = 0.0

    def stop(self, error: errors.ClusterError, *, until_s: float = 0.0) -> None:
        """Stops the watch and drops its objects."""
        self.is_stopped, self.stopped_until_s = True, until_s
        self.watching.cancel()
        self.held.revoke(error)


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
        self._shared: dict[WatchTarget, _Shared] = {}
        self._reviewing: asyncio.Task[None] | None = None
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
                self._spare(target, shared)

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
            events = watch_events(stream, self._connection.name, call, most_bytes=self._limits.event_bytes)
            async with aclosing(events) as batches:
                async for batch in batches:
                    yield batch

    async def close(self) -> None:
        """Ends all watches at once, because the registration or the rights of the identity are others now."""
        self._is_closed = True
        tasks = [shared.watching for shared in self._shared.values()]
        for target, shared in tuple(self._shared.items()):
            self._end(target, shared)
        if self._reviewing is not None:
            self._reviewing.cancel()
            tasks.append(self._reviewing)
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._connection.close()

    def _begin(self, target: WatchTarget) -> _Shared:
        if self._is_closed:
            raise self._ended()
        require_room(self._connection.name, self._common.budgets)
        for budget in self._common.budgets:
            budget.running += 1
        held = HeldObjects(target, self._masking.of(target.kind), self._common.memory)
        self._common.figures.running.add(held)
        shared = self._shared[target] = _Shared(held, self._task(target, held))
        if self._common.memory is not None:
            held.listen(_MemoryLimit(shared, self._connection.name, self._common.memory))
        if self._reviewing is None or self._reviewing.done():
            name = f"rights to watch {self._connection.name}"
            self._reviewing = asyncio.create_task(self._review(), name=name, context=Context())
        return shared

    def _task(self, target: WatchTarget, held: HeldObjects) -> "asyncio.Task[None]":
        """Begins a task in a context of its own: it belongs to no request, and would keep the first one's objects."""
        return asyncio.create_task(self._watch(target, held), name=f"watch of {target}", context=Context())

    async def _watch(self, target: WatchTarget, held: HeldObjects) -> None:
        common = self._common
        while True:
            watch = Watch(
                self._connection,
                target,
                limits=self._limits,
                pace=common.pace,
                initial=common.initial,
                figures=common.figures,
            )
            try:
                with common.contained(self._connection.name):
                    await watch.run(held)
            except errors.ClusterError as error:
                held.interrupted(errors.without_frames(error))
            await asyncio.sleep(_INTERNAL_S)

    async def _review(self) -> None:
        """Reviews the rights to all watches, until there is none."""
        loop, turn = asyncio.get_running_loop(), asyncio.Semaphore(_REVIEWS_AT_ONCE)
        next_s = loop.time()
        while self._shared:
            next_s = max(next_s + self._limits.review_s, loop.time())
            await asyncio.sleep(next_s - loop.time())
            with self._common.contained(self._connection.name):
                await asyncio.gather(*(self._review_one(*one, turn) for one in self._shared.items()))

    async def _review_one(self, target: WatchTarget, shared: _Shared, turn: asyncio.Semaphore) -> None:
        async with turn:
            error = await lost_right(self._connection, target, timeout_s=_REVIEW_TIMEOUT_S)
        if self._shared.get(target) is not shared:
            return
        if error is not None:
            if not shared.is_stopped:
                shared.stop(error)
        elif shared.is_stopped and shared.stopped_until_s <= asyncio.get_running_loop().time():
            shared.is_stopped = False
            shared.watching = self._task(target, shared.held)

    def _need(self, shared: _Shared) -> None:
        if shared.ending is not None:
            shared.ending.cancel()
            shared.ending = None
            for budget in self._common.budgets:
                budget.unused.pop(shared, None)

    def _spare(self, target: WatchTarget, shared: _Shared) -> None:
        """Lets a watch go on for a while that nobody needs; one that never had all objects ends at once."""
        if not shared.held.is_complete:
            self._end(target, shared)
            return
        shared.ending = Context().run(asyncio.get_running_loop().call_later, self._linger_s, self._end, target, shared)
        for budget in self._common.budgets:
            budget.unused[shared] = lambda: self._end(target, shared)

    def _end(self, target: WatchTarget, shared: _Shared) -> None:
        if self._shared.get(target) is not shared:
            return
        self._need(shared)
        del self._shared[target]
        for budget in self._common.budgets:
            budget.running -= 1
        self._common.figures.running.discard(shared.held)
        shared.watching.cancel()
        shared.held.end(self._ended())

    def _ended(self) -> errors.ClusterError:
        cause = "its registration, or the caller's rights there, have changed, so its watches have ended; try again."
        return errors.BrokenOff(self._connection.name, cause)


@dataclass(slots=True, eq=False)
class _MemoryLimit:
    """A listener that stops a watch whose objects do not fit in the memory for the objects of all watches."""

    shared: _Shared
    cluster: str
    memory: WatchMemory

    def changed(self, keys: Collection[Key]) -> None:
        """Stops the watch if there is too much, as soon as it has passed on what it is about to."""
        if self.memory.is_full and not self.shared.is_stopped and len(self.shared.held):
            size_mib, most_mib = self.shared.held.size_bytes / 2**20, self.memory.most_bytes / 2**20
            cause = (
                f"{self.shared.held.target}: {size_mib:.1f} MiB of them are watched, and {most_mib:g} MiB are the "
                "limit for all watches (FLEETGRAPH_MAX_WATCHED_BYTES). Select fewer, or fewer kinds."
            )
            loop = asyncio.get_running_loop()
            until_s = loop.time() + _TOO_MUCH_S
            loop.call_soon(partial(self.shared.stop, TooMuchWatched(self.cluster, cause), until_s=until_s))

    def refreshed(self) -> None:
        """Does nothing."""
