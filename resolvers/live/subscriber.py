"""One of the subscribers of a list: what it takes, and what it has missed because it takes it slowly."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from resolvers.live.changes import Change, ChangeType, Place

_MOST_WAITING: Final = 4
"""Payloads that wait for a subscriber; then it is behind, and only the places of further changes are kept."""


@dataclass(frozen=True, slots=True)
class Payload:
    """A payload, encoded once for all subscribers that get it.

    Attributes:
        body: Its JSON.
        changes: Its changes.
    """

    body: bytes
    changes: Sequence[Change] = ()


@dataclass(eq=False)
class Subscriber:
    """A subscriber; its transport takes payloads one by one.

    Attributes:
        is_new: Whether it has nothing yet.
        is_behind: Whether it has missed changes.
        missed: The places of missed changes, and whether the subscriber has the row of each.
    """

    on_ready: Callable[[], None]
    is_new: bool = True
    is_behind: bool = False
    missed: dict[Place, bool] = field(default_factory=dict)
    _waiting: deque[Payload] = field(default_factory=deque)
    _more: asyncio.Event = field(default_factory=asyncio.Event)
    _end: BaseException | None = None

    @property
    def is_ready(self) -> bool:
        """Returns whether it has taken everything, so that it can have what it missed."""
        return not self._waiting

    def put(self, payload: Payload) -> None:
        """Takes a payload; or its changes as missed, if too many wait."""
        if self.is_behind or len(self._waiting) >= _MOST_WAITING:
            self.is_behind = True
            for change in payload.changes:
                self.missed.setdefault(change.place, change.type is not ChangeType.ADDED)
            return
        self._waiting.append(payload)
        self._more.set()

    def catch_up(self, places: Iterable[Place], now: Mapping[Place, bytes]) -> list[Change]:
        """Returns the changes that bring missed places to their current state."""
        changes = []
        for place in places:
            if place not in self.missed:
                continue
            had, json = self.missed.pop(place), now.get(place)
            if json is not None:
                changes.append(Change(ChangeType.MODIFIED if had else ChangeType.ADDED, place, json))
            elif had:
                changes.append(Change(ChangeType.DELETED, place))
        self.is_behind = bool(self.missed)
        return changes

    def end(self, error: BaseException) -> None:
        """Ends the subscription with an error, behind the payloads that wait."""
        self._end = error
        self._more.set()

    async def next(self) -> Payload:
        """Returns the next payload; raises the error with which the subscription ended."""
        while not self._waiting:
            if self._end is not None:
                raise self._end
            self._more.clear()
            if self.is_behind:
                self.on_ready()
            await self._more.wait()
        return self._waiting.popleft()
