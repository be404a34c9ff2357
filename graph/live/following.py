"""One run of a subscription: its list, its totals and its fleet, for as long as it has subscribers."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Final

from graph.errors import localized
from graph.live.livedocument import LiveDocument
from graph.live.liveevaluation import LiveEvaluation, SubscriptionFailed
from graph.live.livepayload import TOTALS, EmptyPayload, LivePayloads
from graph.live.livetotals import LiveTotals
from graph.live.subscribersfleet import SubscribersFleet
from k8s.watches.heldobjects import Key
from resolvers.arguments.listarguments import cluster_choice
from resolvers.caller import Caller
from resolvers.errors import QueryError
from resolvers.fleet.fleet import Fleet
from resolvers.live.changes import Change
from resolvers.live.livefleet import LiveFleet
from resolvers.live.livelist import BEGINNING, Changed, ClusterState, Evaluation, LiveList
from resolvers.live.watchnotes import watch_notes
from resolvers.memory.share import MemoryShare
from resolvers.messages.language import Language, speaking
from store.errors import StoreError

_POLLED_S: Final = 30.0
"""Seconds between two evaluations of what no watch tells, such as usage."""
_SHORTEST_REST_S: Final = 0.1
_ROW_BYTES: Final = 250
"""Memory of a row that was sent: its place and its digest."""


class Following:
    """Evaluates one subscription for all its subscribers."""

    def __init__(
        self,
        fleet: Fleet,
        live: LiveDocument,
        evaluation: LiveEvaluation,
        memory: MemoryShare,
        *,
        language: Language,
        is_explained: bool,
    ) -> None:
        """Takes what it follows.

        Args:
            fleet: The clusters.
            live: The subscription.
            evaluation: Its evaluation.
            memory: The memory for what was sent.
            language: The language of its messages.
            is_explained: Whether each payload names the watches.
        """
        self._language = language
        self._live = live
        self._evaluation = evaluation
        self._memory = memory
        self._is_explained = is_explained
        self._payloads = LivePayloads(live)
        batch_s = live.batch_ms / 1000
        self._list = LiveList(self._evaluate, self._encode, batch_s=batch_s, on_dirty=self._hear)
        self._callers = SubscribersFleet(fleet)
        self._fleet = LiveFleet(self._callers, self._list.dependencies)
        self._totals: LiveTotals | None = None
        if live.totals:
            self._totals = LiveTotals(self._count, self._mark_totals, rest_s=max(batch_s, _SHORTEST_REST_S))
        self._task: asyncio.Task[None] | None = None

    @property
    def is_over(self) -> bool:
        """Returns whether it has ended, so that it takes no further subscriber."""
        return self._task is not None and self._task.done()

    async def payloads(self, caller: Caller) -> AsyncGenerator[bytes, None]:
        """Yields the bodies of responses to one subscriber; raises as `LiveQuestion.payloads`."""
        subscriber = self._list.subscribe()
        self._callers.add(caller)
        if self._task is None:
            with speaking(self._language):
                self._task = asyncio.create_task(self._run(caller), name=f"live {self._live.root.name}")
        try:
            yield (await subscriber.next()).body
            while True:
                body = (await subscriber.next()).body
                if not isinstance(body, EmptyPayload):
                    yield body
        finally:
            self._callers.remove(caller)
            if self._list.unsubscribe(subscriber):
                self._task.cancel()
                await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, caller: Caller) -> None:
        beside = [asyncio.create_task(self._poll())]
        if self._totals is not None:
            beside.append(asyncio.create_task(self._totals.run()))
        for task in beside:
            task.add_done_callback(self._end_with)
        try:
            await self._list.run(await self._clusters(caller))
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            self._memory.close()

    async def _clusters(self, caller: Caller) -> Sequence[str]:
        """Returns the names of the clusters of the list; none, and the list fails, if they cannot be read."""
        try:
            clusters = cluster_choice(self._live.chosen_clusters()).of(await self._fleet.clusters(caller))
        except (QueryError, StoreError) as error:
            self._list.fail(error)
            return ()
        return [cluster.name for cluster in clusters]

    def _end_with(self, task: "asyncio.Task[None]") -> None:
        """Ends the subscriptions with the error of a task beside the list."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self._list.fail(error)

    async def _poll(self) -> None:
        """Has evaluated again from time to time what no watch tells, and kinds looked for that clusters lacked."""
        while True:
            await asyncio.sleep(_POLLED_S)
            lacking = self._list.begun - {one.cluster for one in self._list.dependencies if one.is_root}
            if lacking:
                await self._evaluation.rows(self._fleet, dict.fromkeys(lacking, BEGINNING))
            if self._list.dependencies.is_polled or self._evaluation.depends_on_time:
                self._list.mark_all()
                self._hear()

    def _hear(self) -> None:
        if self._totals is not None:
            self._totals.touch()

    def _mark_totals(self) -> None:
        self._list.mark((TOTALS,))

    async def _count(self) -> bytes | None:
        begun = self._list.begun
        return await self._evaluation.totals(self._fleet, begun) if begun else None

    async def _evaluate(self, changed: Changed) -> Evaluation:
        reads: dict[str, frozenset[Key]] = {cluster: keys for cluster, keys in changed.items() if cluster}
        found = Evaluation({})
        if reads:
            found = await self._evaluation.rows(self._fleet, reads, self._payloads.note)
            if BEGINNING not in reads.values():
                self._hear()
            self._charge()
        if self._totals is not None and self._totals.json is not None and "" in changed:
            found = Evaluation({**found.objects, TOTALS: self._totals.json}, found.failures)
        return found

    def _charge(self) -> None:
        """Charges the memory of what was sent.

        Raises:
            SubscriptionFailed: It is more than a subscription may hold.
        """
        try:
            self._memory.charge(self._list.rows * _ROW_BYTES - self._memory.held_bytes)
        except QueryError as error:
            extensions = {"code": error.code.value, "retryable": error.retryable}
            raise SubscriptionFailed([localized({"message": str(error), "extensions": extensions})]) from None

    def _encode(self, changes: Sequence[Change], clusters: Mapping[str, ClusterState]) -> bytes:
        extensions = {}
        if self._is_explained:
            extensions = {"explain": {"watches": watch_notes(self._list.dependencies)}}
        return self._payloads.encoded(changes, clusters, extensions)
