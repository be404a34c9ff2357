"""One run of a subscription: its list, its totals and its fleet, for as long as it has subscribers."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from graph.errors import localized
from graph.live.clusterrows import ClusterRows
from graph.live.livedocument import LiveDocument
from graph.live.liveevaluation import LiveEvaluation, SubscriptionFailed
from graph.live.livepayload import TOTALS, PayloadBody, PayloadWriter
from graph.live.livetotals import CountPace, LiveTotals
from graph.live.watchnotes import watch_notes
from k8s.errors import ClusterError
from k8s.watches.keyorder import Key
from k8s.watches.target import WatchTarget
from resolvers.arguments.listarguments import cluster_choice
from resolvers.caller import Caller
from resolvers.errors import QueryError
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.fleet import Fleet
from resolvers.lists.kindkeys import key_of_kind
from resolvers.live.changes import ChangeFigures, RowChange
from resolvers.live.evaluation import BEGINNING, Changed, ClusterState, Evaluation
from resolvers.live.followedcluster import CLUSTER_ROW, KeyOf, key_of_cluster, key_of_object
from resolvers.live.livefleet import LiveFleet
from resolvers.live.livelist import LiveList
from resolvers.live.members import Member
from resolvers.live.resuming.resumetokens import ResumePlace, ResumeTokens
from resolvers.memory.share import MemoryShare
from resolvers.messages.language import Language, speaking

_POLLED_S: Final = 30.0
"""Seconds between two evaluations of what no watch tells, such as usage."""
_SHORTEST_REST_S: Final = 0.1
_RETRIES_S: Final = (1.0, 2.0, 4.0)
"""Seconds before each further try of an evaluation that is refused for now."""
T = TypeVar("T")
_ROW_BYTES: Final = 250
"""Memory of a row that was sent: its place and its digest."""


@dataclass(frozen=True, slots=True)
class RunSettings:
    """The settings of a run.

    Attributes:
        language: The language of its messages.
        is_explained: Whether each payload names the watches.
        tokens: Writes resume tokens; None if they are not selected.
        pace: The pace of counts.
        figures: The figures of all subscriptions.
    """

    language: Language
    is_explained: bool
    tokens: ResumeTokens | None
    pace: CountPace
    figures: ChangeFigures


class LiveRun:
    """Evaluates one subscription for all its subscribers.

    Attributes:
        is_over: Whether it ends, so that it takes no further subscriber.
    """

    def __init__(
        self, fleet: Fleet, live: LiveDocument, evaluation: LiveEvaluation, memory: MemoryShare, settings: RunSettings
    ) -> None:
        """Takes the clusters, the subscription, its evaluation, the memory for what was sent, and settings."""
        self._live = live
        self._evaluation = evaluation
        self._memory = memory
        self._settings = settings
        self._payloads = PayloadWriter(live)
        self._list = LiveList(
            self._evaluate,
            self._encode,
            members=self._members,
            tokens=settings.tokens,
            batch_s=live.batch_ms / 1000,
            on_dirty=self._hear,
            key_of=_key_of(live),
            figures=settings.figures,
        )
        counted = not live.is_of_clusters
        self._fleet = LiveFleet(fleet, self._list.dependencies, choose=self._chosen, watches_counted=counted)
        self._clusters = ClusterRows(self._look, self._list.mark, self._end_with) if live.is_of_clusters else None
        self._totals: LiveTotals | None = None
        if live.totals:
            rest_s = max(live.batch_ms / 1000, _SHORTEST_REST_S)
            self._totals = LiveTotals(self._count, self._mark_totals, rest_s=rest_s, pace=settings.pace)
        self._task: asyncio.Task[None] | None = None
        self._has_members = self.is_over = False

    async def payloads(self, caller: Caller, place: ResumePlace | None) -> AsyncGenerator[bytes, None]:
        """Yields the bodies of responses to one subscriber; raises as `LiveQuestion.payloads`."""
        subscriber, has_joined = self._list.subscribe(place), False
        try:
            await self._fleet.join(caller)
            has_joined = True
            if self._task is None:
                with speaking(self._settings.language):
                    self._task = asyncio.create_task(self._run(), name=f"live {self._live.root.name}")
            states: object = ()  # the first payload is sent in any case
            while True:
                body = (await subscriber.next()).body
                if not isinstance(body, PayloadBody) or body.has_news or body.states != states:
                    states = body.states if isinstance(body, PayloadBody) else states
                    self._settings.figures.payloads += 1
                    yield body
                del body  # large, and shared: not kept until the next one comes
        except (QueryError, ClusterError) as error:
            raise _failed(error) from None
        finally:
            if has_joined:
                self._fleet.leave(caller)
            if self._list.unsubscribe(subscriber) and self._task is not None:
                self.is_over = True
                self._task.cancel()
                await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        beside = [] if self._clusters is not None else [asyncio.create_task(self._poll())]
        if self._totals is not None:
            beside.append(asyncio.create_task(self._totals.run()))
        for task in beside:
            task.add_done_callback(self._end_with)
        try:
            await self._list.run()
        finally:
            self.is_over = True
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            if self._clusters is not None:
                await self._clusters.close()
            self._memory.close()

    def _end_with(self, task: "asyncio.Task[None]") -> None:
        """Ends the subscriptions with the error of a task beside the list."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self.is_over = True
            self._list.fail(error)

    async def _members(self) -> Mapping[str, Member]:
        """Returns the clusters of the list by name; raises QueryError, StoreError."""
        members = await self._fleet.members()
        chosen = self._chosen(self._fleet.current)
        self._has_members = True
        if self._clusters is not None:
            self._clusters.keep(cluster.name for cluster in chosen)
        return {cluster.name: members[cluster.name] for cluster in chosen}

    def _chosen(self, clusters: Sequence[FleetCluster]) -> Sequence[FleetCluster]:
        """Returns the clusters of the list; at first, raises QueryError for an unknown one."""
        return cluster_choice(self._live.chosen_clusters()).of(clusters, is_strict=not self._has_members)

    async def _poll(self) -> None:
        """Has evaluated again from time to time what no watch tells, and kinds looked for that clusters lacked."""
        while True:
            await asyncio.sleep(_POLLED_S)
            lacking = self._list.begun
            if not self._live.has_kinds:  # else there may be more kinds
                whole = (one for one in self._list.dependencies if one.is_root and one.held.target.namespace is None)
                lacking -= {one.cluster for one in whole}  # else a namespace may be open by now
            if lacking:
                await self._evaluate(dict.fromkeys(lacking, BEGINNING))
            if self._list.dependencies.is_polled:
                self._list.mark_all()
                self._hear()

    def _hear(self) -> None:
        if self._totals is not None:
            self._totals.touch()

    def _mark_totals(self) -> None:
        self._list.mark((TOTALS,))

    async def _count(self) -> bytes | None:
        begun = self._list.begun
        if not begun:
            return None
        return await self._patiently(lambda: self._evaluation.totals(self._fleet.counted, begun))

    async def _look(self, name: str) -> Evaluation:
        note = self._payloads.note_cluster
        found, errors = await self._patiently(lambda: self._evaluation.cluster(self._fleet, name, note))
        self._payloads.note_errors(((name, CLUSTER_ROW),), errors)
        return found

    async def _evaluate(self, changed: Changed) -> Evaluation:
        if self._clusters is not None:
            return await self._clusters.evaluate(changed)
        reads: dict[str, frozenset[Key]] = {cluster: keys for cluster, keys in changed.items() if cluster}
        found = Evaluation({})
        if reads:
            found, errors = await self._patiently(lambda: self._evaluation.rows(self._fleet, reads))
            self._payloads.note_kinds(self._fleet.current, self._list.dependencies)
            self._payloads.note_errors(((cluster, key) for cluster, keys in reads.items() for key in keys), errors)
            self._list.dependencies.is_polled |= self._evaluation.depends_on_time
            if BEGINNING not in reads.values():
                self._hear()
            self._charge()
        if self._totals is not None and self._totals.json is not None and "" in changed:
            found = Evaluation({**found.objects, TOTALS: self._totals.json}, found.failures, found.unsettled)
        return found

    async def _patiently(self, evaluate: Callable[[], Awaitable[T]]) -> T:
        """Evaluates; again after a while if it is refused for now, such as for the memory of other operations."""
        for wait_s in _RETRIES_S:
            try:
                return await evaluate()
            except SubscriptionFailed as failed:
                if not failed.is_retryable:
                    raise
            await asyncio.sleep(wait_s)
        return await evaluate()

    def _charge(self) -> None:
        """Charges the memory of what was sent.

        Raises:
            LimitExceeded: It is more than a subscription may hold.
        """
        self._memory.charge(self._list.rows * _ROW_BYTES - self._memory.held_bytes)

    def _encode(self, changes: Sequence[RowChange], clusters: Mapping[str, ClusterState], resume: str) -> bytes:
        extensions = {}
        if self._settings.is_explained:
            extensions = {"explain": {"watches": watch_notes(self._list.dependencies)}}
        return self._payloads.encoded(changes, clusters, resume, extensions)


def _key_of(live: LiveDocument) -> KeyOf:
    if live.is_of_clusters:
        return key_of_cluster
    return _key_of_kind if live.has_kinds else key_of_object


def _key_of_kind(target: WatchTarget, key: Key) -> Key:
    return key_of_kind(target.kind.group, target.kind.name, key)


def _failed(error: QueryError | ClusterError) -> SubscriptionFailed:
    extensions = {"code": error.code.value, "retryable": error.retryable}
    return SubscriptionFailed([localized({"message": str(error), "extensions": extensions})])
