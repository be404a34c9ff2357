"""Batches of what is delivered later: one deferred part of all rows of a cluster, and what is sent of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLError, located_error
from graphql.pyutils import Path

from graph.errors import formatted
from graph.execution.deferrals import Place
from graph.execution.nulled import NULLED
from graph.incremental.payloads import Completed, Error, Increment, Pending
from graph.planning.levels import DeferredPart, FieldDetailsList
from k8s.turns.freeing import free
from k8s.turns.turns import Pace
from resolvers.lists.rows import Rows
from resolvers.pacing import batches

Announced = tuple[tuple[Pending, ...], ...]
"""For each place of a row, all that was announced there."""


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

    incremental: list[Increment] = field(default_factory=list)
    completed: list[Completed] = field(default_factory=list)
    sent: Iterable[tuple[Place, Any]] = ()

    def free(self) -> None:
        """Lets go of all of it."""
        free(self.incremental)
        free(self.completed)
        if isinstance(self.sent, list):
            free(self.sent)


@dataclass(frozen=True, slots=True)
class Batch:
    """One deferred part of rows of one cluster; a row stands at one place or several, each with its announcements."""

    part: DeferredPart
    rows: Rows
    announced: list[Announced]

    def place(self, index: int) -> Place:
        """The first place of a row."""
        return self.announced[index][0][0].place

    def pendings(self) -> Iterable[Pending]:
        """All that was announced."""
        return (each for places in self.announced for labels in places for each in labels)


def completions(announced: Sequence[Pending]) -> list[Completed]:
    """Completes what was announced together, and sent as an increment of the first."""
    return [Completed(each, has_increment=index == 0) for index, each in enumerate(announced)]


async def delivered(batch: Batch, sent: Sequence[Any], log: ErrorLog) -> Event:
    """Returns what `sent`, one value for each row, and its errors are at each place of a batch."""
    errors, pace = await _by_row(batch, log), Pace()
    incremental: list[Increment] = []
    completed: list[Completed] = []
    values: list[tuple[Place, Any]] = []
    for index, (value, places) in enumerate(zip(sent, batch.announced, strict=True)):
        own = errors.get(index, ())
        for number, announced in enumerate(places):
            await pace.breathe()
            if value is NULLED:
                completed += [Completed(each, own) for each in announced]
                continue
            incremental.append(Increment(announced[0], value, own if number == 0 else ()))
            completed += completions(announced)
            values.append((announced[0].place, value))
    return Event(incremental, completed, values)


async def _by_row(batch: Batch, log: ErrorLog) -> dict[int, list[Error]]:
    """The errors of each row, as the response shows them."""
    depth = len(batch.place(0))
    indexes: dict[Place, int] = {}
    async for some in batches(range(len(batch.rows)) if log.found else ()):
        indexes.update((batch.place(index), index) for index in some)
    found: dict[int, list[Error]] = {}
    async for part in batches(log.found):
        for error in part:
            index = indexes.get(tuple(error.path or ())[:depth], 0)
            found.setdefault(index, []).append(formatted(error))
    return found
