"""Streamed lists of the fleet: objects are sent as clusters answer, fast clusters first.

Each cluster's objects are filtered, linked and sent on their own, with the same requests as for the whole list. Fields
that need the whole list (`totalCount`, `groups`, the envelope) are sent after all clusters have answered.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from sys import maxsize
from typing import Any

from graphql import GraphQLError, located_error

from graph.errors import all_formatted, formatted
from graph.execution.connections import Connections
from graph.execution.filtering import filtered
from graph.execution.listscope import ListScope
from graph.execution.objectlists import objects_question
from graph.execution.responsepaths import Report
from graph.execution.run import Run
from graph.incremental.delivery import Delivery
from graph.incremental.feed import Feed
from graph.incremental.fragments import ErrorLog, completions
from graph.incremental.outbox import Event
from graph.incremental.payloads import Completed, Error, Increment, Pending, ResponsePath
from graph.planning.connectionplan import LaterFields, Streaming, TypeNameField
from graph.planning.listfield import ListField, ObjectsField
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.clusteranswer import ClusterAnswer, failures_of, rows_of
from resolvers.lists.fanout import ask
from resolvers.lists.kindlists import ask_kinds
from resolvers.lists.paging import ListPage, cut_page
from resolvers.lists.question import ListQuestion, narrowed_list
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation

Ask = Callable[[FleetCluster], Awaitable[Sequence[ClusterAnswer]]]
"""Asks one cluster of a list."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """The objects of one cluster: `rows`, and for each feed `items` (or `NULLED`) and `errors`, indexed from 0."""

    answer: ClusterAnswer
    rows: Rows
    items: Sequence[Any]
    errors: Sequence[Sequence[GraphQLError]]


@dataclass(slots=True)
class StreamedList:
    """One list during its delivery."""

    delivery: Delivery
    listing: ListField | ObjectsField
    streaming: Streaming
    clusters: Sequence[FleetCluster]
    ask: Ask
    report: Report
    _scope: bytes = b""
    _list: ListScope = field(default_factory=ListScope)
    _feeds: list[Feed] = field(default_factory=list)
    _chunks: dict[FleetCluster, Chunk] = field(default_factory=dict)
    _working: dict[asyncio.Task[Chunk], FleetCluster] = field(default_factory=dict)

    async def begin(self) -> Any:
        """Returns the value of the list in the first payload; None if it has failed."""
        depth = len(self.listing.path.as_list()) + 1
        self._scope = self.listing.scope
        self._feeds = [Feed(streamed, depth) for streamed in self.streaming.fields]
        self._working = {self.delivery.start(self._chunk(cluster)): cluster for cluster in self.clusters}
        while self._working and any(feed.lacks for feed in self._feeds):
            await self._arrived()
        items = {feed.streamed.field.key: self._begun(feed) for feed in self._feeds}
        if any(feed.has_failed for feed in self._feeds):
            await self._stop()
            return None
        fields = self.listing.plan.fields
        values = [field.value if isinstance(field, TypeNameField) else items[field.key] for field in fields]
        connection = self.listing.plan.emitted(*values)
        self.delivery.deferrals.add_list(connection, self._announce)
        return connection

    def _announce(self) -> None:
        """Announces the rest of the list; its value is about to be sent."""
        place, announce = tuple(self.listing.path.as_list()), self.delivery.outbox.announce
        fields = self.streaming.fields
        streams = [announce((*place, streamed.field.key), streamed.label, is_list=True) for streamed in fields]
        fragments = [[announce(place, label) for label in later.labels] for later in self.streaming.later]
        self.delivery.start(self._follow(streams, fragments))

    def _begun(self, feed: Feed) -> list[Any]:
        most = maxsize if feed.streamed.defers else feed.streamed.initial_count  # a cluster's rows are one batch
        items, errors = feed.take(most)
        for error in errors:
            self.report(error, self.listing.details, self.listing.path)
        return items

    async def _follow(self, streams: Sequence[Pending], later: Sequence[Sequence[Pending]]) -> None:
        left = [*streams, *(pending for announced in later for pending in announced)]
        try:
            self._send(streams, left)
            while self._working:
                await self._arrived()
                self._send(streams, left)
            self._complete([pending for pending in streams if pending in left], left)
            for fragment, announced in zip(self.streaming.later, later, strict=True):
                await self._send_later(fragment, announced, left)
        except Exception as error:  # noqa: BLE001  reported at the announcement, masked at the border
            self._complete(list(left), left, [formatted(located_error(error, None, self.listing.path.as_list()))])
        finally:
            await self._stop()

    def _send(self, streams: Sequence[Pending], left: list[Pending]) -> None:
        for feed, pending in zip(self._feeds, streams, strict=True):
            start = feed.sent_count
            items, located = feed.take()
            errors = [formatted(error) for error in located]
            if feed.has_failed:
                self._complete([pending] if pending in left else [], left, errors)
            elif items or errors:
                increment = Increment(pending, items, errors, start)
                self.delivery.happened(Event([increment], places=_placed(increment, items)))

    async def _send_later(self, fragment: LaterFields, announced: Sequence[Pending], left: list[Pending]) -> None:
        log, path = ErrorLog(), self.listing.path
        (value,) = await Connections(self._run(log), fragment.plan).complete([self._whole_page()], lambda _index: path)
        errors = await all_formatted(log.errors)
        if value is None:
            self._complete(announced, left, errors)
            return
        increment = Increment(announced[0], value, errors)
        self.delivery.happened(Event([increment], completions(announced), [(announced[0].place, value)]))
        for pending in announced:
            left.remove(pending)

    def _complete(self, pendings: Sequence[Pending], left: list[Pending], errors: Sequence[Error] = ()) -> None:
        self.delivery.happened(Event(completed=[Completed(pending, errors) for pending in pendings]))
        for pending in pendings:
            left.remove(pending)

    async def _arrived(self) -> None:
        """Waits for one more cluster; raises LimitExceeded if the list is too long."""
        finished, _ = await asyncio.wait(self._working, return_when=asyncio.FIRST_COMPLETED)
        task = next(iter(finished))
        cluster = self._working.pop(task)
        chunk = self._chunks[cluster] = task.result()
        for feed, items, errors in zip(self._feeds, chunk.items, chunk.errors, strict=True):
            feed.add(items, errors)

    async def _chunk(self, cluster: FleetCluster) -> Chunk:
        listing, path = self.listing, self.listing.path
        logs = [ErrorLog() for _ in self._feeds]
        with logs[0].denied(tuple(path.as_list())):
            (answer,) = await self.ask(cluster)
            for failure in failures_of([answer]):
                logs[0].report(failure, listing.details, path)
            hidden, listed = self._run(logs[0]).hidden(listing.details, path), rows_of([answer])
            listed.is_by_kind = listing.is_by_kind
            (matches,) = await filtered(hidden, listing.plan.row_filter, [listed], lambda _index: path)
            page = self._cut(matches, (answer,))
            items: list[Any] = []
            for feed, log in zip(self._feeds, logs, strict=True):
                connections = Connections(self._run(log), listing.plan)
                items += await connections.column(feed.streamed.field, [page], lambda _index: path)
        return Chunk(answer, matches, items, [log.errors for log in logs])

    def _whole_page(self) -> ListPage:
        rows = Rows(is_by_kind=self.listing.is_by_kind)
        for cluster in self.clusters:
            rows.extend(cluster, self._chunks[cluster].rows.rows)
        return self._cut(rows, tuple(self._chunks[cluster].answer for cluster in self.clusters))

    def _cut(self, rows: Rows, answers: tuple[ClusterAnswer, ...]) -> ListPage:
        signer = self.delivery.operation.cursors
        return cut_page(rows, self.listing.arguments, signer=signer, scope=self._scope, answers=answers)

    def _run(self, log: ErrorLog) -> Run:
        return Run(self.delivery.operation, log.report, deferrals=self.delivery.deferrals, of=self._list)

    async def _stop(self) -> None:
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)


def _placed(increment: Increment, items: Sequence[Any]) -> Iterator[tuple[ResponsePath, Any]]:
    return (((*increment.of.place, index), item) for index, item in enumerate(items, increment.start))


async def stream_list(
    delivery: Delivery, listing: ListField | ObjectsField, streaming: Streaming, report: Report
) -> Any:
    """Returns the value of a streamed list in the first payload; the rest is sent later.

    Raises:
        QueryError: an argument is invalid.
    """
    clusters, ask_cluster = await _question(delivery.operation, listing)
    return await StreamedList(delivery, listing, streaming, clusters, ask_cluster, report).begin()


async def _question(operation: Operation, listing: ListField | ObjectsField) -> tuple[Sequence[FleetCluster], Ask]:
    """Returns the clusters of a list, and a function that asks one of them."""
    if isinstance(listing, ObjectsField):
        kinds = objects_question(operation, listing, after=None)
        shares = kinds.shares(operation, listing.clusters, sends_early=True)
        return listing.clusters, lambda cluster: ask_kinds(operation, kinds, [cluster], shares)
    pushed, clusters = await narrowed_list(operation, listing.kind, listing.arguments)
    is_estimated = pushed.requests <= listing.arguments.requests
    selection = listing.plan.selection
    question = ListQuestion(listing.kind, selection, pushed, wants_count=False, is_estimated=is_estimated)
    shares = question.shares(operation, clusters, sends_early=True)
    return clusters, lambda cluster: ask(operation, question, [cluster], shares)
