"""The rows of a list of clusters: each is evaluated again every few seconds, since no watch tells how it answers."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from random import SystemRandom
from typing import Final

from resolvers.live.changes import Place
from resolvers.live.evaluation import BEGINNING, Changed, Evaluation, Failure
from resolvers.live.followedcluster import CLUSTER_ROW

EVERY_S: Final = 5.0
"""Seconds between two looks at a cluster."""
_PER_CLUSTER_S: Final = 0.05
"""Seconds for each cluster: those of a fleet of hundreds are looked at less often."""
_RANDOM: Final = SystemRandom()


class ClusterRows:
    """The rows as they were when each cluster was looked at last; no cluster waits for another one."""

    def __init__(
        self,
        look: Callable[[str], Awaitable[Evaluation]],
        mark: Callable[[Iterable[Place]], None],
        fail: Callable[["asyncio.Task[None]"], None],
    ) -> None:
        """Takes the list.

        Args:
            look: Evaluates the row of one cluster.
            mark: Hears of rows that may be others.
            fail: Hears of tasks that have ended.
        """
        self._look = look
        self._mark = mark
        self._fail = fail
        self._seen: dict[str, Evaluation] = {}
        self._looking: dict[str, asyncio.Task[None]] = {}

    async def evaluate(self, changed: Changed) -> Evaluation:
        """Returns the rows of some clusters; looks at those that begin."""
        objects, failures = dict[Place, bytes](), dict[str, Failure]()
        for name, keys in changed.items():
            if keys == BEGINNING:
                await self._begin(name)
            seen = self._seen.get(name) or Evaluation({})
            objects |= seen.objects
            failures |= seen.failures
        return Evaluation(objects, failures)

    def keep(self, names: Iterable[str]) -> None:
        """Looks no longer at clusters that have left: all but these."""
        for name in self._looking.keys() - set(names):
            self._forget(name)

    async def close(self) -> None:
        """Ends the looking."""
        tasks = tuple(self._looking.values())
        self.keep(())
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _begin(self, name: str) -> None:
        self._forget(name)
        self._seen[name] = seen = await self._look(name)
        if not seen.failures:
            task = self._looking[name] = asyncio.create_task(self._go_on(name), name=f"row of {name}")
            task.add_done_callback(self._fail)

    async def _go_on(self, name: str) -> None:
        while True:
            every_s = max(EVERY_S, _PER_CLUSTER_S * len(self._looking))
            await asyncio.sleep(every_s * (0.9 + 0.2 * _RANDOM.random()))  # not all clusters at the same moment
            self._seen[name] = await self._look(name)
            self._mark(((name, CLUSTER_ROW),))

    def _forget(self, name: str) -> None:
        self._seen.pop(name, None)
        if (task := self._looking.pop(name, None)) is not None:
            task.cancel()
