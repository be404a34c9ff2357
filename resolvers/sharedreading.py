"""One reading of a list for all fields of an operation that ask for it: each keeps what it needs of every page."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from k8s.decoding import Row
from k8s.listing import Keep, Listing


class SharedReading:
    """A list that is being read; fields may join until its first page is there, and such as read all of it later."""

    def __init__(self) -> None:
        self._keeps: list[Keep | None] = []
        self._has_begun = False
        self._listings: dict[Keep | None, Listing] = {}

    def takes(self, keep: Keep | None) -> bool:
        """Whether what a field keeps can be had of it: `None` keeps everything."""
        return not self._has_begun or None in self._keeps or keep in self._keeps

    def join(self, keep: Keep | None) -> None:
        """Keeps what a field needs, besides what others do."""
        if not self._has_begun and keep not in self._keeps:
            self._keeps.append(keep)

    async def kept(self, rows: Sequence[Row]) -> Sequence[tuple[Sequence[Any], ...]]:
        """What is kept of a page: for each who joined."""
        self._has_begun = True
        return [tuple([rows if keep is None else await keep(rows) for keep in self._keeps])]

    async def listing(self, read: Listing, keep: Keep | None) -> Listing:
        """What one of them kept."""
        if keep is not None and keep not in self._keeps:
            every = await self.listing(read, None)
            return replace(every, rows=list(await keep(every.rows)))
        if keep not in self._listings:
            place = self._keeps.index(keep)
            self._listings[keep] = replace(read, rows=list(chain.from_iterable(page[place] for page in read.rows)))
        return self._listings[keep]
