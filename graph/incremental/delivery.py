"""What is delivered after the first payload: fragments of whole levels at once, a cluster at a time.

A deferred fragment on five thousand rows is one batch for each cluster: its links are one request there, as without
`@defer`, and a cluster's part is sent when it is there, whatever the others do.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Mapping, Sequence
from inspect import isawaitable
from typing import Any, Final, TypeVar

from graphql import GraphQLError, located_error

from graph.errors import all_formatted, formatted
from graph.execution.deferrals import Deferrals, Place, WaitingRows, path_of
from graph.execution.run import Run
from graph.incremental.batches import Announced, Batch, ErrorLog, Event, completions, delivered
from graph.incremental.outbox import Outbox
from graph.incremental.payloads import Completed, Error, Increment, Initial, Payload, Pending
from graph.planning.levels import DeferredPart
from k8s.turns.freeing import free
from k8s.turns.turns import Pace
from resolvers.errors import LimitExceeded
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, mapped, taken

T = TypeVar("T")

_ANNOUNCED_BYTES: Final = 500
"""Of one fragment at one place, held until the operation ends: its path, its id, and what is sent of both."""


class Delivery:
    """Everything of one operation that is delivered later."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.deferrals = Deferrals()
        self.outbox = Outbox()
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._endings: list[Callable[[], None]] = []

    def ends_with(self, ending: Callable[[], None]) -> None:
        """Adds a deed for when the delivery is over."""
        self._endings.append(ending)

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
        return self.outbox.payload(Initial(data, errors))

    async def payloads(self, *, until_s: float, late: Error) -> AsyncGenerator[Payload, None]:
        """All further payloads; `late` is the error of what is not there at `until_s` of the loop's clock."""
        pace, error = Pace(), late
        try:
            while self.outbox.has_open:
                if not self.outbox.is_empty:
                    yield self.outbox.payload()
                    await pace.breathe()  # whoever takes them may pass over many that tell nothing in its format
                elif not await self._happened(until_s):
                    break
        except LimitExceeded as over:
            error = formatted(located_error(over))
        finally:
            await self.close()
        if self.outbox.has_open:
            async for payload in self.outbox.cut_off(error):
                yield payload

    async def close(self) -> None:
        """Ends what is still under way, and lets go of all that waits; what was announced is still known."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.deferrals.close()
        while not self._events.empty():
            self._events.get_nowait().free()
        while self._endings:
            self._endings.pop()()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waits for the task has it, too

    async def _happened(self, until_s: float) -> bool:
        """Waits until something is there, or until it is too late: what is there then is sent, however late."""
        try:
            async with asyncio.timeout_at(until_s):
                events = [await self._events.get()]
        except TimeoutError:
            return False
        while not self._events.empty():
            events.append(self._events.get_nowait())
        for event in events:
            self.outbox.add(event.incremental, event.completed)
            await self._open_reached(event.sent)
            event.free()
        return True

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
        announced = await self._announced(part, indexes, places)
        rows = await waiting.rows.picked(indexes)
        return Batch(part, Rows(rows.rows, rows.clusters, await mapped(len, announced)), announced)

    async def _announced(
        self, part: DeferredPart, indexes: Sequence[int], places: Mapping[int, Sequence[Place]]
    ) -> list[Announced]:
        """Announces a part at each place of each row; one row may have as many places as all others together.

        Raises:
            LimitExceeded: the operation holds more than it may.
        """
        pace = Pace()
        announced: list[Announced] = []
        for index in indexes:
            of_row: list[tuple[Pending, ...]] = []
            for place in places[index]:
                await pace.breathe()
                self.operation.memory.charge(len(part.labels) * _ANNOUNCED_BYTES)
                of_row.append(tuple([self.outbox.announce(place, label) for label in part.labels]))
            announced.append(tuple(of_row))
        return announced

    async def _deliver(self, batch: Batch) -> None:
        try:
            self.happened(await self._completed(batch))
        finally:
            free(batch.announced)

    async def _completed(self, batch: Batch) -> Event:
        log = ErrorLog()
        run = Run(self.operation, log.report, deferrals=self.deferrals)
        try:
            sent = await run.completed(batch.part.level, batch.rows, lambda index: path_of(batch.place(index)))
        except Exception as error:  # noqa: BLE001  shown where it was announced, masked at the border
            failed = [formatted(located_error(error, None, batch.place(0)))]
            return Event(completed=await taken(Completed(each, failed) for each in batch.pendings()))
        return await delivered(batch, sent, log)


def deliver_root(
    delivery: Delivery, labels: Sequence[str | None], execute: Callable[[], Any], errors: Sequence[GraphQLError]
) -> None:
    """Executes deferred fields of the root, beside the others; `errors` are filled meanwhile."""
    announced = [delivery.outbox.announce((), label) for label in labels]

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
        delivery.happened(Event([increment], completions(announced), values))

    delivery.start(deliver())


async def _by_cluster(waiting: WaitingRows, places: Iterable[int]) -> Iterable[Sequence[int]]:
    found: dict[FleetCluster, list[int]] = {}
    async for part in batches(places):
        for index in part:
            found.setdefault(waiting.rows.clusters[index], []).append(index)
    return found.values()
