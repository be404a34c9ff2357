"""One watch with its users: it goes on after failures, and its right is reviewed as long as it lives."""

import asyncio
from collections.abc import Coroutine
from contextvars import Context
from typing import Final

from k8s import errors
from k8s.masking.masking import Masking
from k8s.watches.clusterwatching import ClusterWatching
from k8s.watches.freshness import Freshness
from k8s.watches.heldobjects import HeldObjects
from k8s.watches.limits import WatchLimits
from k8s.watches.reflector.watch import Watch
from k8s.watches.rights import lost_right
from k8s.watches.target import WatchTarget
from k8s.watches.watchbudget import TooMuchWatched
from k8s.watches.watchmemory import HeldMemory
from k8s.watches.watchsource import WatchSource

_TOO_MUCH_S: Final = 300.0
"""Seconds after which a watch is tried again whose objects did not fit in the memory."""
_INTERNAL_S: Final = 30.0
"""Seconds after which a watch is tried again that failed by a mistake of ours."""


class SharedWatch:
    """One watch of one identity, whose objects are held for all its users.

    Attributes:
        held: Its objects.
        share: Their memory.
        users: The number of its users.
        ending: The timer that ends it; None while somebody needs it.
    """

    def __init__(
        self,
        connection: WatchSource,
        target: WatchTarget,
        *,
        common: ClusterWatching,
        masking: Masking,
        limits: WatchLimits,
    ) -> None:
        """Begins the watch; the arguments are those of `SharedWatches`."""
        self._connection = connection
        self._common = common
        self._limits = limits
        self.share = HeldMemory(common.memory)
        self.held = HeldObjects(target, masking.of(target.kind), self.share)
        self.users = 0
        self.ending: asyncio.TimerHandle | None = None
        self._stopped_until_s = 0.0
        self._watching = _task(self._watch(), f"watch of {target}")
        self._reviewing = _task(self._review(), f"right to watch {target}")

    def stop_too_much(self) -> None:
        """Stops the watch for some minutes, because its objects are the most of too many."""
        most_bytes = self._common.memory.most_bytes if self._common.memory else 0
        cause = (
            f"{self.held.target}: {self.held.size_bytes / 2**20:.1f} MiB of them are watched, and "
            f"{most_bytes / 2**20:g} MiB are the limit for all watches (FLEETGRAPH_MAX_WATCHED_BYTES). Select fewer, "
            "or fewer kinds."
        )
        self._stop(TooMuchWatched(self._connection.name, cause), for_s=_TOO_MUCH_S)

    @property
    def tasks(self) -> "tuple[asyncio.Task[None], ...]":
        """Its tasks, which end a moment after `end`."""
        return self._watching, self._reviewing

    def end(self, error: errors.ClusterError) -> None:
        """Ends the watch for good."""
        for task in self.tasks:
            task.cancel()
        self.held.end(error)

    def _stop(self, error: errors.ClusterError, *, for_s: float = 0.0) -> None:
        self._stopped_until_s = asyncio.get_running_loop().time() + for_s
        self._watching.cancel()
        self.held.revoke(error)

    def _restart(self, version: str = "") -> None:
        self._watching.cancel()
        self._watching = _task(self._watch(version, is_first=False), f"watch of {self.held.target}")

    async def _watch(self, version: str = "", *, is_first: bool = True) -> None:
        common = self._common
        while True:
            if not is_first:
                await common.pace.turn()
            watch = Watch(
                self._connection,
                self.held.target,
                limits=self._limits,
                pace=common.pace,
                initial=common.initial,
                figures=common.figures,
                version=version,
            )
            try:
                with common.contained(self._connection.name):
                    await watch.run(self.held)
            except errors.ClusterError as error:  # a mistake of ours, so that nothing held is certain
                self.held.revoke(errors.without_frames(error))
            version, is_first = "", False
            await asyncio.sleep(_INTERNAL_S)

    async def _review(self) -> None:
        """Reviews the right to the watch; if that fails for long, the watch itself is requested anew.

        Nothing but a refusal drops objects: a cluster that is down has them stale. But while reviews fail, as with a
        server that sheds load, no watch goes on by a right that nobody has checked.
        """
        limits, loop = self._limits, asyncio.get_running_loop()
        next_s = known_s = loop.time()
        while True:
            next_s = max(next_s + limits.review_s, loop.time())
            await asyncio.sleep(next_s - loop.time())
            try:
                with self._common.contained(self._connection.name):
                    self._heed(await lost_right(self._connection, self.held.target, timeout_s=limits.review_timeout_s))
            except errors.ClusterError:
                if loop.time() - known_s > limits.unreviewed_s and self.held.freshness is Freshness.LIVE:
                    known_s = loop.time()
                    self._restart(self.held.version_to_continue)
            else:
                known_s = next_s

    def _heed(self, lost: errors.ClusterError | None) -> None:
        """Stops the watch after the loss of its right, and begins one that has stopped once the right is there."""
        has_stopped = self._watching.done()
        if lost is not None and not has_stopped:
            self._stop(lost)
        elif lost is None and has_stopped and self._stopped_until_s <= asyncio.get_running_loop().time():
            self._restart()


def _task(work: Coroutine[None, None, None], name: str) -> "asyncio.Task[None]":
    """Begins a task in a context of its own: it belongs to no request, and would keep the first one's objects."""
    return asyncio.create_task(work, name=name, context=Context())
