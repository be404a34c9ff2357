"""Where in an answer something is left to be delivered later.

Rows that wait are found in what is sent, not where they were completed: so a row below something that became null is
not announced, and one that links of several parents share is announced wherever it stands.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql.pyutils import Path

from graph.planning.levels import Level
from k8s.turns.freeing import free
from resolvers.lists.rows import Rows
from resolvers.pacing import batches

Place = tuple[str | int, ...]
"""A path into the response."""


@dataclass(frozen=True, slots=True, eq=False)
class WaitingRows:
    """Rows of a level with deferred parts, and what was sent of each so far."""

    level: Level
    rows: Rows
    sent: Sequence[Any]


@dataclass(slots=True)
class Deferrals:
    """Rows and lists that wait, by what was sent of them; `_starts` has the number of each level's first row."""

    _rows: dict[int, int] = field(default_factory=dict)
    _waiting: list[WaitingRows] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)
    _lists: dict[int, Any] = field(default_factory=dict)

    async def add(self, level: Level, rows: Rows, sent: Sequence[Any]) -> None:
        """Rows of which the deferred parts wait."""
        start = self._starts[-1] + len(self._waiting[-1].sent) if self._starts else 0
        self._waiting.append(WaitingRows(level, rows, sent))
        self._starts.append(start)
        async for part in batches(enumerate(sent, start)):
            self._rows.update((id(each), number) for number, each in part)

    def add_list(self, sent: Any, waiting: Any) -> None:
        """A list whose objects wait."""
        self._lists[id(sent)] = waiting

    def close(self) -> None:
        """Lets go of all that waits."""
        self._rows.clear()
        self._starts.clear()
        while self._waiting:
            free([*self._waiting.pop().sent])
        self._lists.clear()

    async def reached(self, values: Iterable[tuple[Place, Any]]) -> "Reached":
        """What waits in values that are about to be sent."""
        found = Reached()
        if self._rows or self._lists:
            async for part in batches(standing for place, value in values for standing in _standing(value, place)):
                for place, value in part:
                    self._note(found, place, value)
        return found

    def _note(self, found: "Reached", place: Place, value: Any) -> None:
        number = self._rows.get(id(value))
        if number is not None:
            which = bisect_right(self._starts, number) - 1
            index = number - self._starts[which]
            found.rows.setdefault(self._waiting[which], {}).setdefault(index, []).append(place)
        if id(value) in self._lists:
            found.lists.append(self._lists.pop(id(value)))


@dataclass(slots=True)
class Reached:
    """What waits in a payload: rows by index with the places where each stands, and lists."""

    rows: dict[WaitingRows, dict[int, list[Place]]] = field(default_factory=dict)
    lists: list[Any] = field(default_factory=list)


def path_of(place: Place) -> Path:
    """The same as graphql-core writes it."""
    path: Path | None = None
    for key in place:
        path = Path(path, key, None)
    assert path is not None  # noqa: S101  the root itself has no row
    return path


def _standing(value: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    """All objects in a value, and where they lead to; what is in a row itself neither waits nor leads anywhere."""
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from _standing(each, (*place, index))
        return
    yield place, value
    leads: tuple[tuple[str, str], ...] = getattr(type(value), "__leads__", ())
    for attribute, key in leads:
        yield from _standing(getattr(value, attribute), (*place, key))
