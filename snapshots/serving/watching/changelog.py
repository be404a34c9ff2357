"""The recent changes of the objects of one kind."""

import asyncio
from collections import deque
from dataclasses import dataclass
from time import monotonic
from typing import Final, Literal

from snapshots.serving.status import version_gone

RETAINED: Final = 1024


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one object.

    Attributes:
        type: The type of the watch event.
        revision: The new resource version.
        item: The JSON of the object; of a deleted one its last state, with the version of the deletion.
        previous: The JSON before the change; None for a new object.
    """

    type: Literal["ADDED", "MODIFIED", "DELETED"]
    revision: int
    item: bytes
    previous: bytes | None = None


class ChangeLog:
    """The latest changes of one kind, with a wait for the next."""

    def __init__(self, begin: int) -> None:
        self._changes: deque[Change] = deque(maxlen=RETAINED)
        self._oldest = begin
        self._more = asyncio.Event()

    def append(self, change: Change) -> None:
        """Adds a change and wakes its readers."""
        if len(self._changes) == RETAINED:
            self._oldest = self._changes[0].revision
        self._changes.append(change)
        self._more.set()
        self._more = asyncio.Event()

    def following(self, revision: int) -> Change | None:
        """Returns the first change after a revision.

        Raises:
            RequestRefused: Changes since that revision are not retained any more.
        """
        if revision < self._oldest:
            raise version_gone(revision, self._oldest)
        newest_first = reversed(self._changes)
        following: Change | None = None
        for change in newest_first:
            if change.revision <= revision:
                break
            following = change
        return following

    async def more(self) -> None:
        """Waits for the next change."""
        await self._more.wait()


class ChangeReader:
    """A reader of a log from a revision on."""

    def __init__(self, log: ChangeLog, *, after: int) -> None:
        self._log = log
        self._revision = after

    async def next(self, *, timeout_s: float) -> Change | None:
        """Returns the next change; None after the timeout.

        Raises:
            RequestRefused: Changes since that revision are not retained any more.
        """
        until_s = monotonic() + timeout_s
        while (change := self._log.following(self._revision)) is None:
            try:
                async with asyncio.timeout(until_s - monotonic()):
                    await self._log.more()
            except TimeoutError:
                return None
        self._revision = change.revision
        return change
