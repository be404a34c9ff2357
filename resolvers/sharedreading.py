"""One reading of a list for all fields of an operation that ask for it.

While the operation has read little, lists are kept whole, whoever asks for them. Of what comes when it has read much,
each field keeps what it needs of every page; who asks later, and needs more, reads the list again.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from k8s.decoding import Row
from k8s.listing import Keep, Listing
from k8s.turns import turn
from resolvers.pacing import Pace, taken


class SharedReading:
    """A list that is being read."""

    def __init__(self, reads_much: Callable[[], bool]) -> None:
        """Takes what says whether the operation has read so much that less should be kept."""
        self._reads_much = reads_much
        self._keeps: list[Keep | None] = []
        self._keeps_less = False
        self._listings: dict[Keep | None, Listing] = {}

    def takes(self, keep: Keep | None) -> bool:
        """Whether what a field keeps can still be had of it; `None` is everything."""
        return not self._keeps_less or keep in self._keeps

    def join(self, keep: Keep | None) -> None:
        """Keeps what a field needs, besides what others do."""
        if keep not in self._keeps:
            self._keeps.append(keep)

    def keep(self) -> Keep | None:
        """What is kept of the pages to come, and of those before; None for everything."""
        if not self._keeps_less and None not in self._keeps and self._reads_much():
            self._keeps_less = True
        return self._kept if self._keeps_less else None

    async def _kept(self, rows: Sequence[Row]) -> Sequence[tuple[Sequence[Any], ...]]:
        """For each who joined."""
        await turn()
        pace, kept = Pace(), list[Sequence[Any]]()
        for keep in self._keeps:
            kept.append(rows if keep is None else await keep(rows))
            await pace.breathe()
        return [tuple(kept)]

    async def listing(self, read: Listing, keep: Keep | None) -> Listing:
        """What one of them kept, or everything, if nobody kept less."""
        if not read.is_kept:
            return read
        if keep not in self._listings:
            place = self._keeps.index(keep)
            rows = await taken(each for kept in read.rows for each in kept[place])
            self._listings[keep] = replace(read, rows=rows, is_kept=keep is not None)
        return self._listings[keep]
