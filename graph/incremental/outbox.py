"""Payloads of bounded size, for any number of results at once.

A payload that announced or completed all of a long list would be built, encoded and freed in one turn of the event
loop. The incremental delivery specification lets a server split results into any number of payloads. Here increments
come first, then announcements, which may refer to them, then completions. So one announcement is open until the last
payload.
Source: https://github.com/graphql/graphql-spec/pull/1110
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from graph.incremental.payloads import Completed, Error, Increment, Initial, Payload, Pending, ResponsePath
from k8s.turns.freeing import free
from k8s.turns.turns import Pace

T = TypeVar("T")

MOST_ENTRIES: Final = 1000
"""Entries of `pending`, `incremental` and `completed` in one payload."""
_LAST_WORDS_S: Final = 30.0
"""Seconds in which open announcements are completed with an error; the rest is not completed."""


@dataclass(slots=True)
class Event:
    """Results of one task; `places` has the paths and values below which more rows may wait."""

    incremental: list[Increment] = field(default_factory=list)
    completed: list[Completed] = field(default_factory=list)
    places: Iterable[tuple[ResponsePath, Any]] = ()

    def free(self) -> None:
        """Frees its values."""
        free(self.incremental)
        free(self.completed)
        if isinstance(self.places, list):
            free(self.places)


class Outbox:
    """Unsent results, and announcements that are not completed."""

    def __init__(self) -> None:
        self._incremental: deque[Increment] = deque()
        self._pending: deque[Pending] = deque()
        self._completed: deque[Completed] = deque()
        self._open: dict[str, Pending] = {}
        self._last_id = -1

    @property
    def is_empty(self) -> bool:
        """True if there are no unsent results."""
        return not (self._incremental or self._pending or self._completed)

    @property
    def has_open(self) -> bool:
        """True if an announcement, sent or not, is not completed."""
        return bool(self._open or self._pending)

    def announce(self, place: ResponsePath, label: str | None, *, is_list: bool = False) -> Pending:
        """Returns a new announcement, which the next payloads contain."""
        self._last_id += 1
        pending = Pending(str(self._last_id), place, label, is_list)
        self._pending.append(pending)
        return pending

    def add(self, incremental: Iterable[Increment], completed: Iterable[Completed]) -> None:
        """Adds results to the next payloads."""
        self._incremental.extend(incremental)
        self._completed.extend(completed)

    def payload(self, initial: Initial | None = None) -> Payload:
        """Removes and returns the next payload."""
        incremental = _first(self._incremental, MOST_ENTRIES)
        pending = _first(self._pending, MOST_ENTRIES - len(incremental))
        completed = _first(self._completed, MOST_ENTRIES - len(incremental) - len(pending))
        self._open.update((entry.id, entry) for entry in pending)
        for entry in completed:
            self._open.pop(entry.of.id, None)
        return Payload(initial, pending, incremental, completed, has_next=self.has_open)

    def take_back(self, payload: Payload) -> None:
        """Puts back the entries of a payload that cannot be sent."""
        self._open.update((entry.of.id, entry.of) for entry in payload.completed)
        for entry in payload.pending:
            self._open.pop(entry.id, None)
        self._incremental.extendleft(reversed(payload.incremental))
        self._pending.extendleft(reversed(payload.pending))
        self._completed.extendleft(reversed(payload.completed))

    async def cut_off(self, error: Error) -> AsyncGenerator[Payload, None]:
        """Yields the last payloads of an answer that ends with an error.

        Announcements whose increments were sent are completed normally. All others are completed with the error,
        including unsent ones of sent objects. Unsent increments are dropped, with all announcements below them.
        """
        loop, pace, errors = asyncio.get_running_loop(), Pace(), [error]
        until_s = loop.time() + _LAST_WORDS_S
        lost = _Lost(self._incremental)
        whole = await _filtered(self._completed, lost.is_whole)
        unsaid = await _filtered(self._pending, lost.has_place)
        self._drop()
        for entry in whole:
            self._open.pop(entry.of.id, None)
        left = deque(self._open.values())
        has_next = True
        while has_next:
            completed = _first(whole, MOST_ENTRIES)
            pending = _first(unsaid, (MOST_ENTRIES - len(completed)) // 2)
            completed += [Completed(announced, errors) for announced in pending]
            failed = _first(left, MOST_ENTRIES - len(completed) - len(pending))
            completed += [Completed(announced, errors) for announced in failed]
            for announced in failed:
                self._open.pop(announced.id, None)
            has_next = bool(whole or unsaid or left) and loop.time() < until_s
            yield Payload(None, pending, (), completed, has_next=has_next)
            await pace.breathe()

    def close(self) -> None:
        """Frees unsent results and all announcements."""
        self._drop()
        left, self._open = self._open, {}
        free([*left.values()])

    def _drop(self) -> None:
        for waiting in (self._incremental, self._pending, self._completed):
            free([*waiting])
            waiting.clear()


class _Lost:
    """Increments that are dropped."""

    def __init__(self, incremental: Iterable[Increment]) -> None:
        self._places = {entry.of.id: entry.of.place for entry in incremental}
        self._all = set(self._places.values())

    def is_whole(self, completed: Completed) -> bool:
        """Returns True if its increments were sent; fragments at one place may share one increment."""
        return completed.of.id not in self._places if completed.has_increment else completed.of.place not in self._all

    def has_place(self, pending: Pending) -> bool:
        """Returns True if the object around its place was sent."""
        return not self._all or not any(pending.place[:length] in self._all for length in range(len(pending.place)))


async def _filtered(waiting: Iterable[T], condition: Callable[[T], bool]) -> deque[T]:
    pace, entries = Pace(), deque[T]()
    for entry in waiting:
        if condition(entry):
            entries.append(entry)
        await pace.breathe()
    return entries


def _first(queue: deque[T], most: int) -> list[T]:
    return [queue.popleft() for _ in range(min(most, len(queue)))]
