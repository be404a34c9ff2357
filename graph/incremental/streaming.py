"""A list of the fleet whose objects are sent as clusters answer: fast ones first, whatever the others do.

Each cluster's objects are filtered, linked and sent by themselves, with the requests that the whole list would have
cost. What needs the whole list (`totalCount`, `groups`, the envelope) is sent when all have answered.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLError, located_error
from graphql.pyutils import Path

from graph.errors import all_formatted, formatted
from graph.execution.connections import Connections
from graph.execution.deferrals import Place
from graph.execution.filtering import filtered
from graph.execution.run import Run
from graph.incremental.batches import ErrorLog, Event, completions
from graph.incremental.delivery import Delivery
from graph.incremental.feed import EVERYTHING, Feed
from graph.incremental.payloads import Completed, Error, Increment, Pending
from graph.planning.connection import LaterParts, Streaming, TypeName
from graph.planning.levels import FieldDetailsList
from graph.planning.listfield import ListField
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.answers import ClusterAnswer
from resolvers.lists.ask import ask
from resolvers.lists.paging import ListPage, cut_page
from resolvers.lists.question import ListQuestion, asked_clusters
from resolvers.lists.rows import Rows
from resolvers.lists.shares import Shares

Report = Callable[[Exception, FieldDetailsList, Path], None]


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one cluster adds to a list.

    Attributes:
        rows: what is left of its objects.
        items: what is sent of them for each feed; `NULLED` where one of them may not be null.
        errors: for each feed, at the places that they would have if no chunk came before.
    """

    answer: ClusterAnswer
    rows: Rows
    items: Sequence[Any]
    errors: Sequence[Sequence[GraphQLError]]


@dataclass(slots=True)
class StreamedList:
    """One list while it is sent."""

    delivery: Delivery
    asked: ListField
    streaming: Streaming
    clusters: Sequence[FleetCluster]
    question: ListQuestion
    shares: Shares
    report: Report
    _scope: bytes = b""
    _feeds: list[Feed] = field(default_factory=list)
    _chunks: dict[FleetCluster, Chunk] = field(default_factory=dict)
    _working: dict[asyncio.Task[Chunk], FleetCluster] = field(default_factory=dict)

    async def begin(self) -> Any:
        """What is sent of the list at once; None if it failed already."""
        place = self.asked.path.as_list()
        self._scope = self.asked.arguments.scope(str(self.asked.kind))
        self._feeds = [Feed(each, len(place) + 1) for each in self.streaming.parts]
        self._working = {self.delivery.start(self._chunk(cluster)): cluster for cluster in self.clusters}
        while self._working and any(feed.lacks for feed in self._feeds):
            await self._arrived()
        begun = {feed.streamed.part.key: self._begun(feed) for feed in self._feeds}
        if any(feed.has_failed for feed in self._feeds):
            await self._stop()
            return None
        plan = self.asked.plan
        sent = plan.emitted(*(each.value if isinstance(each, TypeName) else begun[each.key] for each in plan.parts))
        self.delivery.deferrals.add_list(sent, self)
        return sent

    def open(self) -> None:
        """Announces what follows: what was sent of the list at once is about to be sent."""
        place: Place = tuple(self.asked.path.as_list())
        announce = self.delivery.outbox.announce
        streams = [
            announce((*place, feed.streamed.part.key), feed.streamed.label, is_list=True) for feed in self._feeds
        ]
        later = [[announce(place, label) for label in each.labels] for each in self.streaming.later]
        self.delivery.start(self._follow(streams, later))

    def _begun(self, feed: Feed) -> list[Any]:
        most = EVERYTHING if feed.streamed.defers else feed.streamed.initial_count  # a cluster's rows are one batch
        items, errors = feed.take(most)
        for error in errors:
            self.report(error, self.asked.details, self.asked.path)
        return items

    async def _follow(self, streams: Sequence[Pending], later: Sequence[Sequence[Pending]]) -> None:
        left = list(streams) + [each for announced in later for each in announced]
        try:
            self._send(streams, left)
            while self._working:
                await self._arrived()
                self._send(streams, left)
            self._complete([each for each in streams if each in left], left)
            for parts, announced in zip(self.streaming.later, later, strict=True):
                await self._send_later(parts, announced, left)
        except Exception as error:  # noqa: BLE001  shown where it was announced, masked at the border
            shown = formatted(located_error(error, None, self.asked.path.as_list()))
            self._complete(list(left), left, [shown])
        finally:
            await self._stop()

    def _send(self, streams: Sequence[Pending], left: list[Pending]) -> None:
        """What arrived and was not sent yet."""
        for feed, pending in zip(self._feeds, streams, strict=True):
            start = feed.sent
            items, found = feed.take()
            errors = [formatted(error) for error in found]
            if feed.has_failed:
                self._complete([pending] if pending in left else [], left, errors)
            elif items or errors:
                sent = _placed(pending.place, start, items)
                self.delivery.happened(Event([Increment(pending, items, errors, start)], sent=sent))

    async def _send_later(self, parts: LaterParts, announced: Sequence[Pending], left: list[Pending]) -> None:
        log = ErrorLog()
        path = self.asked.path
        (sent,) = await Connections(self._run(log), parts.plan).complete([self._page()], lambda _index: path)
        errors = await all_formatted(log.found)
        if sent is None:
            self._complete(announced, left, errors)
            return
        increment = Increment(announced[0], sent, errors)
        self.delivery.happened(Event([increment], completions(announced), [(announced[0].place, sent)]))
        for each in announced:
            left.remove(each)

    def _complete(self, pendings: Sequence[Pending], left: list[Pending], errors: Sequence[Error] = ()) -> None:
        self.delivery.happened(Event(completed=[Completed(each, errors) for each in pendings]))
        for each in pendings:
            left.remove(each)

    async def _arrived(self) -> None:
        """Waits for one more cluster.

        Raises:
            LimitExceeded: the list is longer than one may be.
        """
        done, _ = await asyncio.wait(self._working, return_when=asyncio.FIRST_COMPLETED)
        task = next(iter(done))
        cluster = self._working.pop(task)
        chunk = self._chunks[cluster] = task.result()
        for feed, items, errors in zip(self._feeds, chunk.items, chunk.errors, strict=True):
            feed.add(items, errors)

    async def _chunk(self, cluster: FleetCluster) -> Chunk:
        asked, path = self.asked, self.asked.path
        (answer,) = await ask(self.delivery.operation, self.question, [cluster], self.shares)
        logs = [ErrorLog() for _ in self._feeds]
        if answer.error is not None:
            logs[0].report(answer.error, asked.details, path)
        rows = Rows()
        rows.extend(cluster, answer.rows)
        hidden = self._run(logs[0]).hidden(asked.details, path)
        (kept,) = await filtered(hidden, asked.plan.sifting, [rows], lambda _index: path)
        page = self._cut(kept, (answer,))
        items: list[Any] = []
        for feed, log in zip(self._feeds, logs, strict=True):
            connections = Connections(self._run(log), asked.plan)
            items += await connections.column(feed.streamed.part, [page], lambda _index: path)
        return Chunk(answer, kept, items, [log.found for log in logs])

    def _page(self) -> ListPage:
        """The whole list, in its own order."""
        rows = Rows()
        for cluster in self.clusters:
            rows.extend(cluster, self._chunks[cluster].rows.rows)
        return self._cut(rows, tuple(self._chunks[cluster].answer for cluster in self.clusters))

    def _cut(self, rows: Rows, answers: tuple[ClusterAnswer, ...]) -> ListPage:
        signer = self.delivery.operation.cursors
        return cut_page(rows, self.asked.arguments, signer=signer, scope=self._scope, answers=answers)

    def _run(self, log: ErrorLog) -> Run:
        return Run(self.delivery.operation, log.report, deferrals=self.delivery.deferrals)

    async def _stop(self) -> None:
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)


def _placed(place: Place, start: int, items: Sequence[Any]) -> Iterator[tuple[Place, Any]]:
    """Objects of a list, of which `start` were sent before, where they stand."""
    return (((*place, start + index), item) for index, item in enumerate(items))


async def stream_list(delivery: Delivery, asked: ListField, streaming: Streaming, report: Report) -> Any:
    """What is sent at once of a list that is streamed; the rest is delivered.

    Raises:
        QueryError: an argument cannot be meant.
    """
    operation = delivery.operation
    pushed, clusters = await asked_clusters(operation, asked.kind, asked.arguments)
    question = ListQuestion(asked.kind, asked.plan.selection, pushed, wants_count=False)
    shares = question.shares(operation, clusters, sends_early=True)
    return await StreamedList(delivery, asked, streaming, clusters, question, shares, report).begin()
