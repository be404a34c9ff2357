"""The learning of custom types in the background: every cluster by itself, so that a dead one delays no other."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from k8s.turns.turns import Pace
from resolvers.fleet.fleet import UnattendedCluster
from resolvers.types.learning import Learned, TypeLearning
from store.errors import StoreError

_LOG = structlog.stdlib.get_logger("server.typelearning")


@asynccontextmanager
async def learning_types(learning: TypeLearning | None, *, interval_s: float) -> AsyncIterator[None]:
    """Learns every `interval_s` seconds for as long as the context lasts; failures are retried then."""
    if learning is None:
        yield
        return
    rounds = TypeRounds(learning)
    task = asyncio.create_task(rounds.for_ever(interval_s))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await rounds.close()


class TypeRounds:
    """Rounds over all clusters; one that has not ended yet for a cluster is not begun again."""

    def __init__(self, learning: TypeLearning) -> None:
        self._learning = learning
        self._asked: dict[str, asyncio.Task[None]] = {}
        self._failing: dict[str, str] = {}

    async def for_ever(self, interval_s: float) -> None:
        """Begins a round every `interval_s` seconds."""
        while True:
            await self.begin()
            await asyncio.sleep(interval_s * random.uniform(0.8, 1.2))  # noqa: S311  spreads load, no secret

    async def begin(self) -> None:
        """Asks all clusters; does not wait for them."""
        try:
            clusters = await self._learning.clusters()
        except StoreError as error:
            _LOG.warning("types not learned", reason=str(error))
            return
        except Exception:  # noqa: BLE001  the next round must come, after any error
            _LOG.exception("types not learned")
            return
        pace = Pace()
        for cluster in clusters:
            if cluster.id not in self._asked:
                self._asked[cluster.id] = asyncio.create_task(self._learn(cluster))
            await pace.breathe()

    async def settled(self) -> None:
        """Waits until the clusters that were asked have answered or failed."""
        await asyncio.gather(*self._asked.values(), return_exceptions=True)

    async def close(self) -> None:
        """Cancels what is under way."""
        tasks = tuple(self._asked.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _learn(self, cluster: UnattendedCluster) -> None:
        try:
            self._log(await self._learning.learn(cluster))
        except StoreError as error:
            _LOG.warning("types not stored", cluster=cluster.name, reason=str(error))
        except Exception:  # noqa: BLE001  the next round must come, after any error
            _LOG.exception("types not learned", cluster=cluster.name)
        finally:
            del self._asked[cluster.id]

    def _log(self, learned: Learned) -> None:
        """Logs changes, and each failure once for as long as it stays the same."""
        cluster = learned.cluster
        if learned.error is not None:
            if self._failing.get(cluster) != learned.error.reason:
                _LOG.warning(
                    "types not learned", cluster=cluster, reason=learned.error.reason, message=learned.error.cause
                )
            self._failing[cluster] = learned.error.reason
            return
        self._failing.pop(cluster, None)
        if learned.has_changed:
            _LOG.info("types learned", cluster=cluster)
