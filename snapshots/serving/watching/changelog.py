"""What happened to the objects of one kind, as far back as is kept."""

import asyncio
from collections import deque
from time import monotonic
from typing import Final

from snapshots.serving.content import Change
from snapshots.serving.status import version_gone

KEPT: Final = 1024


class ChangeLog:
    """The latest changes, and who waits for the next."""

    def __init__(self, begin: int) -> None:
        self._changes: deque[Change] = deque(maxlen=KEPT)
        self._oldest = begin
        self._more = asyncio.Event()

    def append(self, change: Change) -> None:
        """Adds a change and wakes who waits for one."""
        if len(self._changes) == KEPT:
            self._oldest = self._changes[0].revision
        self._changes.append(change)
        self._more.set()
        self._more = asyncio.Event()

    def following(self, revision: int) -> Change | None:
        """The first change after a revision.

        Raises:
            Refused: it is so long ago that changes since are missing.
        """
        if revision < self._oldest:
            raise version_gone(revision, self._oldest)
        newest_first = reversed(self._changes)
        found: Change | None = None
        for change in newest_first:
            if change.revision <= revision:
                break
            found = change
        return found

    async def more(self) -> None:
        """Waits for the next change."""
        await self._more.wait()


class Following:
    """Reads a log from a revision on; see `Changes`."""

    def __init__(self, log: ChangeLog, *, after: int) -> None:
        self._log = log
        self._revision = after

    async def next(self, *, timeout_s: float) -> Change | None:
        """The next change; None if there is none for so long.

        Raises:
            Refused: changes since that version are not kept any more.
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
