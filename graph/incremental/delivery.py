"""Incremental delivery of one operation: a first payload, and later ones with everything deferred or streamed.

A deferred fragment on five thousand rows is one batch for each cluster: its links are one request there, as without
`@defer`. A cluster's batch is sent as soon as it is complete, independently of other clusters.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from inspect import isawaitable
from typing import Any, Final, TypeVar

from graphql import GraphQLError, located_error

from graph.errors import all_formatted, formatted
from graph.execution.run import Run
from graph.incremental.fragments import Announced, Batch, Deferrals, ErrorLog, WaitingRows, completions
from graph.incremental.outbox import Event, Outbox
from graph.incremental.payloads import Completed, Error, Increment, Initial, Payload, Pending, ResponsePath
from graph.planning.levels import DeferredFragment
from k8s.turns.freeing import free
from k8s.turns.turns import Pace
from resolvers.errors import LimitExceeded
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, collected, mapped

T = TypeVar("T")

_ANNOUNCED_BYTES: Final = 500
"""Memory of one fragment at one place, held until the operation ends: its path, its id and their text."""


class Delivery:
    """The answer of an operation in payloads; its work continues until `end` or `aclose`.

    Attributes:
        first: the first payload, after `begin`.
    """

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.first = Payload()
        self.deferrals = Deferrals()
        self.outbox = Outbox()
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._endings: list[Callable[[], None]] = []

    def ends_with(self, ending: Callable[[], None]) -> None:
        """Adds a callback that `stop` runs."""
        self._endings.append(ending)

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Starts work on an announced fragment or list; `stop` cancels it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def happened(self, event: Event) -> None:
        """Adds results to the next payload."""
        self._events.put_nowait(event)

    async def begin(self, data: Mapping[str, object], errors: Sequence[Error]) -> bool:
        """Builds the first payload; returns False if it is the whole answer."""
        await self._open_reached([((key,), value) for key, value in data.items()])
        self.first = self.outbox.payload(Initial(data, errors))
        return self.first.has_next

    async def payloads(self, *, until_s: float, late: Error) -> AsyncGenerator[Payload, None]:
        """Yields all payloads, then ends the operation.

        Args:
            until_s: the end of the wait for results, by the loop's clock.
            late: the error for fragments that are not complete by then.
        """
        error = late
        try:
            yield self.first
            try:
                pace = Pace()
                while self.outbox.has_open:
                    if not self.outbox.is_empty:
                        yield self._extended(self.outbox.payload())
                        await pace.breathe()  # the client's format may skip many payloads in a row
                    elif not await self._received(until_s):
                        break
            except LimitExceeded as over:
                error = formatted(located_error(over))
            finally:
                await self.stop()
            if self.outbox.has_open:
                async for payload in self.outbox.cut_off(error):
                    yield self._extended(payload)
        finally:
            await self.end()

    async def instead_of(self, payload: Payload, error: Error) -> AsyncGenerator[Payload, None]:
        """Yields the last payloads instead of one that cannot be sent; its announcements fail with the error."""
        if payload.initial is not None:
            yield Payload(Initial(None, [error]), has_next=False)
            return
        self.outbox.take_back(payload)
        async for last in self.outbox.cut_off(error):
            yield last

    def cut_off(self, error: Error) -> AsyncGenerator[Payload, None]:
        """Yields the last payloads of an answer that ends with an error, also after `end`."""
        return self.outbox.cut_off(error)

    async def stop(self) -> None:
        """Cancels the work in progress and drops waiting rows and results; retains announcements."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.deferrals.close()
        while not self._events.empty():
            self._events.get_nowait().free()
        while self._endings:
            self._endings.pop()()

    async def end(self) -> None:
        """Stops, then ends the operation and frees its memory."""
        try:
            await self.stop()
        finally:
            try:
                await self.operation.close()
            finally:
                self.operation.memory.close()

    async def aclose(self) -> None:
        """Ends the operation and frees unsent results; nothing can be sent afterwards."""
        try:
            await self.end()
        finally:
            self.outbox.close()

    def deliver_root(
        self, labels: Sequence[str | None], execute: Callable[[], Any], errors: Sequence[GraphQLError]
    ) -> None:
        """Starts deferred root fields concurrently with the others; `execute` fills `errors`."""
        announced = [self.outbox.announce((), label) for label in labels]

        async def deliver() -> None:
            try:
                executed = execute()
                data: Mapping[str, Any] = await executed if isawaitable(executed) else executed
            except Exception as error:  # noqa: BLE001  reported at the announcement, masked at the border
                failed = await all_formatted((*errors, located_error(error)))
                self.happened(Event(completed=[Completed(pending, failed) for pending in announced]))
                return
            increment = Increment(announced[0], data, await all_formatted(errors))
            values = [((key,), value) for key, value in data.items()]
            self.happened(Event([increment], completions(announced), values))

        self.start(deliver())

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # retrieved: a waiter for the task gets it as well

    def _extended(self, payload: Payload) -> Payload:
        return payload if payload.has_next else replace(payload, extensions=self.operation.extensions())

    async def _received(self, until_s: float) -> bool:
        """Waits for results; returns False after the timeout. Results that exist by then are sent even if late."""
        try:
            async with asyncio.timeout_at(until_s):
                events = [await self._events.get()]
        except TimeoutError:
            return False
        while not self._events.empty():
            events.append(self._events.get_nowait())
        for event in events:
            self.outbox.add(event.incremental, event.completed)
            await self._open_reached(event.places)
            event.free()
        return True

    async def _open_reached(self, values: Iterable[tuple[ResponsePath, Any]]) -> None:
        reached = await self.deferrals.reached(values)
        for begin in reached.lists:
            begin()
        for waiting, places in reached.rows.items():
            by_cluster = await _by_cluster(waiting, places)
            for fragment in waiting.level.deferred:
                for indexes in by_cluster:
                    self.start(self._deliver(await self._batch(fragment, waiting, indexes, places)))

    async def _batch(
        self,
        fragment: DeferredFragment,
        waiting: WaitingRows,
        indexes: Sequence[int],
        places: Mapping[int, Sequence[ResponsePath]],
    ) -> Batch:
        announced = await self._announced(fragment, indexes, places)
        rows = await waiting.rows.picked(indexes)
        return Batch(fragment, Rows(rows.rows, rows.clusters, await mapped(len, announced)), announced)

    async def _announced(
        self, fragment: DeferredFragment, indexes: Sequence[int], places: Mapping[int, Sequence[ResponsePath]]
    ) -> list[Announced]:
        """Announces a fragment at each place of each row; one row may have more places than all others together.

        Raises:
            LimitExceeded: the operation holds too much memory.
        """
        pace = Pace()
        announced: list[Announced] = []
        for index in indexes:
            of_row: list[tuple[Pending, ...]] = []
            for place in places[index]:
                await pace.breathe()
                self.operation.memory.charge(len(fragment.labels) * _ANNOUNCED_BYTES)
                of_row.append(tuple([self.outbox.announce(place, label) for label in fragment.labels]))
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
            with log.denied(batch.place(0)):
                values = await run.completed(batch.fragment.level, batch.rows, batch.path)
        except Exception as error:  # noqa: BLE001  reported at the announcement, masked at the border
            failed = [formatted(located_error(error, None, batch.place(0)))]
            return Event(completed=await collected(Completed(pending, failed) for pending in batch.pendings()))
        return await batch.delivered(values, log)


async def _by_cluster(waiting: WaitingRows, places: Iterable[int]) -> Iterable[Sequence[int]]:
    indexes: dict[FleetCluster, list[int]] = {}
    async for batch in batches(places):
        for index in batch:
            indexes.setdefault(waiting.rows.clusters[index], []).append(index)
    return indexes.values()
