"""Deferred fragments: the rows that wait for them, and the batches in which they are delivered.

Waiting rows are found in the values that are sent, not during completion. So a row below a value that became null is
not announced, and a row that links of several parents share is announced at each of its places.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLError, located_error
from graphql.pyutils import Path

from graph.errors import formatted
from graph.execution.responsepaths import located
from graph.incremental.outbox import Event
from graph.incremental.payloads import Completed, Error, Increment, Pending, ResponsePath
from graph.planning.emitted import NULLED
from graph.planning.levels import DeferredFragment, FieldDetailsList, Level
from k8s.deniedvalues import denied_to
from k8s.turns.freeing import free
from k8s.turns.turns import Pace
from resolvers.lists.rows import Rows
from resolvers.pacing import batches

Announced = tuple[tuple[Pending, ...], ...]
"""The announcements of a row: one for each label at each of its places."""


@dataclass(frozen=True, slots=True, eq=False)
class WaitingRows:
    """Rows of a level with deferred fragments, and the value sent for each row."""

    level: Level
    rows: Rows
    values: Sequence[Any]


@dataclass(slots=True)
class Deferrals:
    """Waiting rows, and beginnings of streamed lists, by the `id` of their values.

    `_starts` has the number of each level's first row.
    """

    _rows: dict[int, int] = field(default_factory=dict)
    _waiting: list[WaitingRows] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)
    _lists: dict[int, Callable[[], None]] = field(default_factory=dict)

    async def add(self, level: Level, rows: Rows, values: Sequence[Any]) -> None:
        """Adds rows with deferred fragments."""
        start = self._starts[-1] + len(self._waiting[-1].values) if self._starts else 0
        self._waiting.append(WaitingRows(level, rows, values))
        self._starts.append(start)
        async for batch in batches(enumerate(values, start)):
            self._rows.update((id(value), number) for number, value in batch)

    def add_list(self, value: Any, begin: Callable[[], None]) -> None:
        """Adds a streamed list; `begin` announces the rest of it, once its value is about to be sent."""
        self._lists[id(value)] = begin

    def close(self) -> None:
        """Drops all waiting rows and lists."""
        self._rows.clear()
        self._starts.clear()
        while self._waiting:
            free([*self._waiting.pop().values])
        self._lists.clear()

    async def reached(self, values: Iterable[tuple[ResponsePath, Any]]) -> "Reached":
        """Returns the waiting rows and lists in values that are about to be sent."""
        reached = Reached()
        if self._rows or self._lists:
            async for batch in batches(item for place, value in values for item in _objects(value, place)):
                for place, value in batch:
                    self._note(reached, place, value)
        return reached

    def _note(self, reached: "Reached", place: ResponsePath, value: Any) -> None:
        number = self._rows.get(id(value))
        if number is not None:
            level = bisect_right(self._starts, number) - 1
            index = number - self._starts[level]
            reached.rows.setdefault(self._waiting[level], {}).setdefault(index, []).append(place)
        if id(value) in self._lists:
            reached.lists.append(self._lists.pop(id(value)))


@dataclass(slots=True)
class Reached:
    """The waiting rows of one payload, by index with all places of each row, and the beginnings of its lists."""

    rows: dict[WaitingRows, dict[int, list[ResponsePath]]] = field(default_factory=dict)
    lists: list[Callable[[], None]] = field(default_factory=list)


@dataclass(slots=True)
class ErrorLog:
    """The errors of values that are sent together."""

    errors: list[GraphQLError] = field(default_factory=list)

    def report(self, error: Exception, details: FieldDetailsList, path: Path) -> None:
        """Adds an error at a path."""
        self.errors.append(located(error, details, path))

    def denied(self, place: ResponsePath) -> AbstractContextManager[None]:
        """Adds errors about denied values in the answers that are read inside, at a place."""
        return denied_to(lambda error: self.errors.append(located_error(error, None, place)))


@dataclass(frozen=True, slots=True)
class Batch:
    """One deferred fragment of rows of one cluster, with the announcements of each row."""

    fragment: DeferredFragment
    rows: Rows
    announced: list[Announced]

    def place(self, index: int) -> ResponsePath:
        """Returns the first place of a row."""
        return self.announced[index][0][0].place

    def path(self, index: int) -> Path:
        """Returns the same in the type of graphql-core."""
        return path_of(self.place(index))

    def pendings(self) -> Iterable[Pending]:
        """Returns all announcements."""
        return (pending for places in self.announced for labels in places for pending in labels)

    async def delivered(self, row_values: Sequence[Any], log: ErrorLog) -> Event:
        """Returns the increments of `row_values`, one for each row, and the errors, at each place of the rows."""
        errors, pace = await self._errors_by_row(log), Pace()
        incremental: list[Increment] = []
        completed: list[Completed] = []
        values: list[tuple[ResponsePath, Any]] = []
        for index, (value, places) in enumerate(zip(row_values, self.announced, strict=True)):
            own = errors.get(index, ())
            for number, announced in enumerate(places):
                await pace.breathe()
                if value is NULLED:
                    completed += [Completed(pending, own) for pending in announced]
                    continue
                incremental.append(Increment(announced[0], value, own if number == 0 else ()))
                completed += completions(announced)
                values.append((announced[0].place, value))
        return Event(incremental, completed, values)

    async def _errors_by_row(self, log: ErrorLog) -> dict[int, list[Error]]:
        depth = len(self.place(0))
        indexes: dict[ResponsePath, int] = {}
        async for batch in batches(range(len(self.rows)) if log.errors else ()):
            indexes.update((self.place(index), index) for index in batch)
        by_row: dict[int, list[Error]] = {}
        async for some in batches(log.errors):
            for error in some:
                index = indexes.get(tuple(error.path or ())[:depth], 0)
                by_row.setdefault(index, []).append(formatted(error))
        return by_row


def completions(announced: Sequence[Pending]) -> list[Completed]:
    """Returns the ends of announcements whose fields were sent together, as an increment of the first."""
    return [Completed(pending, has_increment=index == 0) for index, pending in enumerate(announced)]


def path_of(place: ResponsePath) -> Path:
    """Returns a path in the type of graphql-core."""
    path: Path | None = None
    for key in place:
        path = Path(path, key, None)
    assert path is not None  # noqa: S101  the root is not a row
    return path


def _objects(value: Any, place: ResponsePath) -> Iterator[tuple[ResponsePath, Any]]:
    """Yields the objects in a value and below its links; structures inside a row have no links."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _objects(item, (*place, index))
        return
    yield place, value
    leads: tuple[tuple[str, str], ...] = getattr(type(value), "__leads__", ())
    for attribute, key in leads:
        yield from _objects(getattr(value, attribute), (*place, key))
