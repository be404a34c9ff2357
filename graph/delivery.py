"""What is delivered after the first payload: fragments of whole levels at once, a cluster at a time.

A deferred fragment on five thousand rows is one batch for each cluster: its links are one request there, as without
`@defer`, and a cluster's part is sent when it is there, whatever the others do.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import isawaitable
from itertools import chain
from typing import Any, TypeVar

from graphql import GraphQLError, located_error
from graphql.pyutils import Path

from graph.deferrals import Deferrals, Place, WaitingRows, path_of
from graph.entries import DeferredPart, FieldDetailsList
from graph.errors import all_formatted, formatted
from graph.nulled import NULLED
from graph.payloads import Completed, Error, Increment, Initial, Payload, Pending
from graph.run import Run
from k8s.turns import Pace
from resolvers.cluster import FleetCluster
from resolvers.operation import Operation
from resolvers.pacing import mapped, parts
from resolvers.rows import Rows

T = TypeVar("T")


@dataclass(slots=True)
class ErrorLog:
    """The errors of what is delivered together."""

    found: list[GraphQLError] = field(default_factory=list)

    def report(self, error: Exception, details: FieldDetailsList, path: Path) -> None:
        """Adds an error at a path."""
        self.found.append(located_error(error, [each.node for each in details], path.as_list()))


@dataclass(slots=True)
class Event:
    """Something is there; `sent` are the places and values in which more may wait."""

    incremental: Sequence[Increment] = ()
    completed: Sequence[Completed] = ()
    sent: Iterable[tuple[Place, Any]] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """One deferred part of rows of one cluster; a row stands at one place or several, each with its announcements."""

    part: DeferredPart
    rows: Rows
    announced: Sequence[Sequence[Sequence[Pending]]]

    def place(self, index: int) -> Place:
        """Where a row stands first."""
        return self.announced[index][0][0].place

    def pendings(self) -> Iterable[Pending]:
        """All that was announced."""
        return (each for places in self.announced for labels in places for each in labels)


class Delivery:
    """Everything of one operation that is delivered later."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.deferrals = Deferrals()
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._open: dict[str, Pending] = {}
        self._announced: list[Pending] = []
        self._last_id = -1
        self._endings: list[Callable[[], None]] = []

    def ends_with(self, ending: Callable[[], None]) -> None:
        """Adds a deed for when the delivery is over."""
        self._endings.append(ending)

    def announce(self, place: Place, label: str | None, *, is_list: bool = False) -> Pending:
        """Promises something; it is announced with the next payload."""
        self._last_id += 1
        pending = Pending(str(self._last_id), place, label, is_list)
        self._open[pending.id] = pending
        self._announced.append(pending)
        return pending

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Works on something that was or will be announced, at most until the delivery ends."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def happened(self, event: Event) -> None:
        """Sends something with the next payload."""
        self._events.put_nowait(event)

    async def first(self, data: Mapping[str, object], errors: Sequence[Error]) -> Payload:
        """The first payload; if nothing follows, it is the whole answer."""
        await self._open_reached([((key,), value) for key, value in data.items()])
        return Payload(Initial(data, errors), pending=self._to_announce(), has_next=bool(self._open))

    async def payloads(self, *, until_s: float, late: Error) -> AsyncIterator[Payload]:
        """All further payloads; `late` is the error of what is not there at `until_s` of the loop's clock."""
        try:
            while self._open:
                events = await self._happened(until_s)
                if not events:
                    yield self.cut_off(late)
                    return
                yield await self._payload(events)
        finally:
            await self.close()

    def cut_off(self, error: Error) -> Payload:
        """The last payload where nothing more will come, because of an error."""
        completed = [Completed(each, [error]) for each in self._open.values()]
        self._open.clear()
        return Payload(completed=completed, has_next=False)

    async def close(self) -> None:
        """Ends what is still under way, and lets go of all that waits."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.deferrals.close()
        self._open.clear()
        self._events = asyncio.Queue()
        while self._endings:
            self._endings.pop()()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waits for the task has it, too

    async def _happened(self, until_s: float) -> list[Event]:
        try:
            async with asyncio.timeout_at(until_s):
                events = [await self._events.get()]
        except TimeoutError:
            return []
        while not self._events.empty():
            events.append(self._events.get_nowait())
        return events

    async def _payload(self, events: Sequence[Event]) -> Payload:
        for event in events:
            async for part in parts(event.completed):
                for each in part:
                    self._open.pop(each.of.id, None)
            await self._open_reached(event.sent)
        return Payload(
            pending=self._to_announce(),
            incremental=list(chain.from_iterable(event.incremental for event in events)),
            completed=list(chain.from_iterable(event.completed for event in events)),
            has_next=bool(self._open),
        )

    def _to_announce(self) -> Sequence[Pending]:
        announced, self._announced = self._announced, []
        return announced

    async def _open_reached(self, values: Iterable[tuple[Place, Any]]) -> None:
        reached = await self.deferrals.reached(values)
        for each in reached.lists:
            each.open()
        for waiting, places in reached.rows.items():
            of_clusters = await _by_cluster(waiting, places)
            for part in waiting.level.deferred:
                for indexes in of_clusters:
                    self.start(self._deliver(await self._batch(part, waiting, indexes, places)))

    async def _batch(
        self, part: DeferredPart, waiting: WaitingRows, indexes: Sequence[int], places: Mapping[int, Sequence[Place]]
    ) -> Batch:
        def announce(index: int) -> list[list[Pending]]:
            return [[self.announce(place, label) for label in part.labels] for place in places[index]]

        announced = await mapped(announce, indexes)
        rows = await waiting.rows.picked(indexes)
        return Batch(part, Rows(rows.rows, rows.clusters, await mapped(len, announced)), announced)

    async def _deliver(self, batch: Batch) -> None:
        log = ErrorLog()
        run = Run(self.operation, log.report, deferrals=self.deferrals)
        try:
            sent = await run.completed(batch.part.level, batch.rows, lambda index: path_of(batch.place(index)))
        except Exception as error:  # noqa: BLE001  shown where it was announced, masked at the border
            failed = [formatted(located_error(error, None, batch.place(0)))]
            self.happened(Event(completed=[Completed(each, failed) for each in batch.pendings()]))
            return
        self.happened(await _delivered(batch, sent, log))


def deliver_root(
    delivery: Delivery, labels: Sequence[str | None], execute: Callable[[], Any], errors: Sequence[GraphQLError]
) -> None:
    """Executes deferred fields of the root, beside the others; `errors` are filled meanwhile."""
    announced = [delivery.announce((), label) for label in labels]

    async def deliver() -> None:
        try:
            executed = execute()
            data: Mapping[str, Any] = await executed if isawaitable(executed) else executed
        except Exception as error:  # noqa: BLE001  shown where it was announced, masked at the border
            failed = await all_formatted((*errors, located_error(error)))
            delivery.happened(Event(completed=[Completed(each, failed) for each in announced]))
            return
        increment = Increment(announced[0], data, await all_formatted(errors))
        values = [((key,), value) for key, value in data.items()]
        delivery.happened(Event([increment], [Completed(each) for each in announced], values))

    delivery.start(deliver())


async def _by_cluster(waiting: WaitingRows, places: Iterable[int]) -> Iterable[Sequence[int]]:
    found: dict[FleetCluster, list[int]] = {}
    async for part in parts(places):
        for index in part:
            found.setdefault(waiting.rows.clusters[index], []).append(index)
    return found.values()


async def _delivered(batch: Batch, sent: Sequence[Any], log: ErrorLog) -> Event:
    errors, pace = await _by_row(batch, log), Pace()
    incremental: list[Increment] = []
    completed: list[Completed] = []
    values: list[tuple[Place, Any]] = []
    for index, (value, places) in enumerate(zip(sent, batch.announced, strict=True)):
        await pace.breathe()
        own = errors.get(index, ())
        for number, announced in enumerate(places):
            if value is NULLED:
                completed += [Completed(each, own) for each in announced]
                continue
            incremental.append(Increment(announced[0], value, own if number == 0 else ()))
            completed += [Completed(each) for each in announced]
            values.append((announced[0].place, value))
    return Event(incremental, completed, values)


async def _by_row(batch: Batch, log: ErrorLog) -> dict[int, list[Error]]:
    """The errors of each row, as the response shows them."""
    depth = len(batch.place(0))
    indexes: dict[Place, int] = {}
    async for some in parts(range(len(batch.rows)) if log.found else ()):
        indexes.update((batch.place(index), index) for index in some)
    found: dict[int, list[Error]] = {}
    async for part in parts(log.found):
        for error in part:
            index = indexes.get(tuple(error.path or ())[:depth], 0)
            found.setdefault(index, []).append(formatted(error))
    return found
