"""One of the subscribers of a list: what it takes, and what it has missed because it takes it slowly."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypeAlias

from k8s.turns.wakeups import wakeups_of_loop
from resolvers.errors import LimitExceeded
from resolvers.live.changes import ChangeType, Place, RowChange
from resolvers.live.resuming.resumetokens import ClusterPlace

_MOST_WAITING: Final = 4
"""Payloads that wait for a subscriber; then it is behind, and only the places of further changes are kept."""
_MOST_WAITING_BYTES: Final = 16 * 1024 * 1024
"""Bytes of waiting payloads of the state at the beginning, which subscribers share."""
STALLED_S: Final = 60.0
"""Seconds for which payloads wait for a subscriber that takes none."""

Missed: TypeAlias = dict[Place, bool | None]
"""Places of missed changes, and whether the subscriber has the row of each; None for one of the beginning, which it
has not."""


@dataclass(frozen=True, slots=True)
class ListPayload:
    """A payload, encoded once for all subscribers that get it.

    Attributes:
        body: Its JSON.
        changes: Its changes.
        is_beginning: Whether it is a part of the state at the beginning.
    """

    body: bytes
    changes: Sequence[RowChange] = ()
    is_beginning: bool = False


class Phase(Enum):
    """The steps of a subscriber that joins a cluster.

    - WAITING: it gets nothing of it until the list has all of its rows.
    - RESUMING: what has changed since its token is being found out; further changes are noted.
    - BEGINNING: it gets all rows.
    """

    WAITING = 1
    RESUMING = 2
    BEGINNING = 3


@dataclass(slots=True)
class Joining:
    """A cluster of the list that a subscriber has not joined yet.

    Attributes:
        place: What the subscriber has of it, by its token; None if it has nothing.
        phase: How far it is.
        noted: Changes since it resumes.
    """

    place: ClusterPlace | None
    phase: Phase = Phase.WAITING
    noted: Missed = field(default_factory=dict)


@dataclass(eq=False)
class Subscriber:
    """A subscriber; its transport takes payloads one by one.

    Attributes:
        is_new: Whether it has got no payload yet.
        is_owed: Whether it is to get a payload even without changes, such as that it has joined a cluster.
        is_behind: Whether it has missed changes.
        missed: The missed changes.
        joining: The clusters that it has not joined, by name; empty for most of the time.
    """

    on_ready: Callable[[], None]
    places: Mapping[str, ClusterPlace] = field(default_factory=dict)
    is_new: bool = True
    is_owed: bool = False
    missed: Missed = field(default_factory=dict)
    joining: dict[str, Joining] = field(default_factory=dict)
    is_behind: bool = False
    _waiting: list[ListPayload] = field(default_factory=list)
    _waiting_bytes: int = 0
    _taken_s: float = 0.0
    _more: "asyncio.Future[None] | None" = None
    _end: BaseException | None = None

    @property
    def is_ready(self) -> bool:
        """Returns whether it has taken everything, so that it can have what it missed."""
        return not self._waiting

    def put(self, payload: ListPayload) -> None:
        """Takes a payload; or its changes as missed, if too many wait."""
        if self._end is not None:
            return
        most = _MOST_WAITING_BYTES if payload.is_beginning else 0
        if self.is_behind or (len(self._waiting) >= _MOST_WAITING and self._waiting_bytes >= most):
            self.is_behind = True
            self.note(payload.changes)
        else:
            self.tell(payload)

    def tell(self, payload: ListPayload) -> None:
        """Takes a payload that must not be missed."""
        if not self._waiting:
            self._taken_s = asyncio.get_running_loop().time()
        self._waiting.append(payload)
        self._waiting_bytes += len(payload.body)
        self._wake()

    def note(self, changes: Iterable[RowChange]) -> None:
        """Takes changes as missed."""
        note(self.missed, changes)

    def catch_up(self, places: Iterable[Place], now: Mapping[Place, bytes]) -> list[RowChange]:
        """Returns the changes that bring missed places to their current state."""
        changes = []
        for place in places:
            if place not in self.missed:
                continue
            had, json = self.missed.pop(place), now.get(place)
            if json is not None:
                happened = ChangeType.MODIFIED if had else ChangeType.ADDED
                changes.append(RowChange(happened, place, json, is_initial=had is None))
            elif had:
                changes.append(RowChange(ChangeType.DELETED, place))
        return changes

    def end(self, error: BaseException) -> None:
        """Ends the subscription with an error, behind the payloads that wait."""
        self._end = error
        self._wake()

    def end_if_stalled(self) -> None:
        """Ends the subscription of a reader that has taken nothing for too long."""
        if self._waiting and asyncio.get_running_loop().time() - self._taken_s > STALLED_S:
            self._waiting.clear()
            self.missed.clear()
            self.end(LimitExceeded(f"No payload was taken for {STALLED_S:g} seconds. Continue with `resume`."))

    async def next(self) -> ListPayload:
        """Returns the next payload; raises the error with which the subscription ended."""
        while not self._waiting:
            if self._end is not None:
                raise self._end
            if self.is_behind:
                self.on_ready()
            self._more = asyncio.get_running_loop().create_future()
            await self._more
        payload = self._waiting.pop(0)
        self._waiting_bytes -= len(payload.body)
        self._taken_s = asyncio.get_running_loop().time()
        return payload

    def _wake(self) -> None:
        if self._more is not None:
            wakeups_of_loop().wake(self._more)
            self._more = None


def note(missed: Missed, changes: Iterable[RowChange]) -> None:
    """Adds changes to missed ones; a row that came and went meanwhile was never there."""
    for change in changes:
        before = None if change.is_initial and change.type is ChangeType.ADDED else change.type is not ChangeType.ADDED
        had = missed.setdefault(change.place, before)
        if change.type is ChangeType.DELETED and not had:
            del missed[change.place]
