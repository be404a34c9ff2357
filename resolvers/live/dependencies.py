"""The watches that one subscription uses, found out while its selection is evaluated.

A kind is watched from the moment in which the evaluation reads it: the kind of the list, and those of its links.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

from k8s.errors import TimedOut
from k8s.transport.deadline import Deadline
from k8s.watches.heldobjects import Freshness, HeldObjects, Key
from k8s.watches.sharedwatches import SharedWatches
from k8s.watches.target import WatchTarget

OnChange = Callable[["Dependency", Collection[Key]], None]


@dataclass(eq=False)
class Dependency:
    """One watch of one cluster; hears of its changes.

    Attributes:
        cluster: The name of the cluster.
        held: Its objects.
        is_root: Whether they are those of the list itself, and not only of its links.
    """

    cluster: str
    held: HeldObjects
    on_change: OnChange
    is_root: bool = False
    _waiting: list["asyncio.Future[None]"] = field(default_factory=list)

    def changed(self, keys: Collection[Key]) -> None:
        """Hears of changed objects."""
        self.on_change(self, keys)

    def refreshed(self) -> None:
        """Hears of another freshness."""
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()
        self.on_change(self, ())

    async def complete(self, deadline: Deadline) -> None:
        """Waits until all objects are there.

        Raises:
            ClusterError: They cannot be watched, or have not arrived before the deadline.
        """
        while not self.held.is_complete:
            if self.held.freshness is Freshness.FAILED and self.held.error is not None:
                raise self.held.error
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.append(waiting)
            try:
                with deadline.running():
                    async with asyncio.timeout(deadline.left_s):
                        await waiting
            except TimeoutError:
                cause = f"the objects to watch ({self.held.target}) have not all arrived yet."
                raise TimedOut(self.cluster, cause) from None


class Dependencies:
    """All watches of one subscription, held until it is closed.

    Attributes:
        is_polled: Whether it also reads what no watch tells, such as the usage of pods, so that it is read again.
    """

    def __init__(self, on_change: OnChange) -> None:
        """Takes the function that hears of every change; it must be quick."""
        self.is_polled = False
        self._on_change = on_change
        self._found: dict[tuple[str, WatchTarget], tuple[Dependency, ExitStack]] = {}

    def __iter__(self) -> Iterator[Dependency]:
        return (found for found, _release in tuple(self._found.values()))

    def of(self, cluster_id: str, cluster: str, watches: SharedWatches, target: WatchTarget) -> Dependency:
        """Returns the dependency on a target, whose watch is begun if there is none.

        Raises:
            ClusterError: No further watch may run.
        """
        key = (cluster_id, target)
        if (known := self._found.get(key)) is not None:
            if not known[0].held.is_ended:
                return known[0]
            self.release(cluster_id, target)  # the identity has another client now
        release = ExitStack()
        held = release.enter_context(watches.held(target))
        found = Dependency(cluster, held, self._on_change)
        self._found[key] = found, release
        held.listen(found)
        release.callback(held.unlisten, found)
        return found

    def release(self, cluster_id: str, target: WatchTarget) -> None:
        """Releases one watch."""
        if (known := self._found.pop((cluster_id, target), None)) is not None:
            known[1].close()

    def close(self) -> None:
        """Releases all watches."""
        for cluster_id, target in tuple(self._found):
            self.release(cluster_id, target)
