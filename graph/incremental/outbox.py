"""Payloads of an answer, of a bounded size however much there is at once.

A payload that announced or completed everything of a long list would be made, written and let go of at a stretch. The
incremental delivery specification lets a server put what there is into as many payloads as it likes. Here objects come
first, then announcements, which may be about them, then completions: so something is open until the last payload.
Source: https://github.com/graphql/graphql-spec/pull/1110
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import Final, TypeVar

from graph.execution.deferrals import Place
from graph.incremental.payloads import Completed, Error, Increment, Initial, Payload, Pending
from k8s.turns.freeing import free
from k8s.turns.turns import Pace

T = TypeVar("T")

MOST_ENTRIES: Final = 1000
"""Of `pending`, `incremental` and `completed` of one payload together."""
_LAST_WORDS_S: Final = 30.0
"""Seconds in which what is open is completed with an error; what is open after that is not completed."""


class Outbox:
    """All that was not sent yet, and all that was announced and not completed."""

    def __init__(self) -> None:
        self._incremental: deque[Increment] = deque()
        self._pending: deque[Pending] = deque()
        self._completed: deque[Completed] = deque()
        self._open: dict[str, Pending] = {}
        self._last_id = -1

    @property
    def is_empty(self) -> bool:
        """Tells whether everything was sent that there is so far."""
        return not (self._incremental or self._pending or self._completed)

    @property
    def has_open(self) -> bool:
        """Tells whether something was announced, or will be, and not completed."""
        return bool(self._open or self._pending)

    def announce(self, place: Place, label: str | None, *, is_list: bool = False) -> Pending:
        """Promises something; it is announced with the next payloads."""
        self._last_id += 1
        pending = Pending(str(self._last_id), place, label, is_list)
        self._pending.append(pending)
        return pending

    def add(self, incremental: Iterable[Increment], completed: Iterable[Completed]) -> None:
        """Sends objects, and completes what was announced."""
        self._incremental.extend(incremental)
        self._completed.extend(completed)

    def payload(self, initial: Initial | None = None) -> Payload:
        """The next payload."""
        incremental = _first(self._incremental, MOST_ENTRIES)
        pending = _first(self._pending, MOST_ENTRIES - len(incremental))
        completed = _first(self._completed, MOST_ENTRIES - len(incremental) - len(pending))
        self._open.update((each.id, each) for each in pending)
        for each in completed:
            self._open.pop(each.of.id, None)
        return Payload(initial, pending, incremental, completed, has_next=self.has_open)

    def take_back(self, payload: Payload) -> None:
        """A payload cannot be sent: all of it waits again."""
        self._open.update((each.of.id, each.of) for each in payload.completed)
        for each in payload.pending:
            self._open.pop(each.id, None)
        self._incremental.extendleft(reversed(payload.incremental))
        self._pending.extendleft(reversed(payload.pending))
        self._completed.extendleft(reversed(payload.completed))

    async def cut_off(self, error: Error) -> AsyncGenerator[Payload, None]:
        """The last payloads where nothing more will come, because of an error.

        What was sent is completed as it is; what is open has the error, also where its object was sent and it was not
        announced yet. Objects that were not sent are dropped, with all that is below them.
        """
        loop, pace, errors = asyncio.get_running_loop(), Pace(), [error]
        until_s = loop.time() + _LAST_WORDS_S
        lost = _Lost(self._incremental)
        whole = await _those(self._completed, lost.is_whole)
        unsaid = await _those(self._pending, lost.has_place)
        self._drop()
        for done in whole:
            self._open.pop(done.of.id, None)
        left = deque(self._open.values())
        has_next = True
        while has_next:
            completed = _first(whole, MOST_ENTRIES)
            pending = _first(unsaid, (MOST_ENTRIES - len(completed)) // 2)
            completed += [Completed(each, errors) for each in pending]
            failed = _first(left, MOST_ENTRIES - len(completed) - len(pending))
            completed += [Completed(each, errors) for each in failed]
            for each in failed:
                self._open.pop(each.id, None)
            has_next = bool(whole or unsaid or left) and loop.time() < until_s
            yield Payload(None, pending, (), completed, has_next=has_next)
            await pace.breathe()

    def close(self) -> None:
        """Lets go of all of it."""
        self._drop()
        left, self._open = self._open, {}
        free([*left.values()])

    def _drop(self) -> None:
        """Lets go of what was not sent."""
        for waiting in (self._incremental, self._pending, self._completed):
            free([*waiting])
            waiting.clear()


class _Lost:
    """Objects that were not sent."""

    def __init__(self, incremental: Iterable[Increment]) -> None:
        self._places = {each.of.id: each.of.place for each in incremental}
        self._all = set(self._places.values())

    def is_whole(self, completed: Completed) -> bool:
        """Tells whether all was sent of what is completed; fragments of one place may share one object."""
        return completed.of.id not in self._places if completed.has_increment else completed.of.place not in self._all

    def has_place(self, pending: Pending) -> bool:
        """Tells whether what stands around its place was sent."""
        return not self._all or not any(pending.place[:length] in self._all for length in range(len(pending.place)))


async def _those(waiting: Iterable[T], which: Callable[[T], bool]) -> deque[T]:
    pace, found = Pace(), deque[T]()
    for each in waiting:
        if which(each):
            found.append(each)
        await pace.breathe()
    return found


def _first(queue: deque[T], most: int) -> list[T]:
    return [queue.popleft() for _ in range(min(most, len(queue)))]
