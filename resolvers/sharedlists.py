"""The lists of one operation, each read once of a cluster for all fields that ask for it.

While the operation has read little, lists are kept whole, whoever asks for them. Of what comes when it has read much,
each field keeps what it needs of every page; who asks later, and needs more, reads the list again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from k8s.decoding import Row
from k8s.listing import Keep, Listing, ListRequest, Window
from k8s.turns import Pace, turn
from resolvers.errors import LimitExceeded
from resolvers.pacing import taken

_MUCH: Final = 10_000
"""Objects; their rows take 10 to 30 MB."""


class SharedReading:
    """A list of one cluster that is being read."""

    def __init__(self, counted: Callable[[int], bool]) -> None:
        """Takes what is told how many objects were read, and says whether that is much."""
        self._counted = counted
        self._keeps: list[Keep] = []
        self._wants_all = False
        self._keeps_less = False
        self._listings: dict[Keep | None, Listing] = {}

    def takes(self, keep: Keep | None) -> bool:
        """Whether what a field keeps can still be had of it; `None` is everything."""
        return not self._keeps_less or keep in self._keeps

    def join(self, keep: Keep | None) -> None:
        """Keeps what a field needs, besides what others do."""
        if keep is None:
            self._wants_all = True
        elif keep not in self._keeps:
            self._keeps.append(keep)

    def keeper(self, read: int) -> Keep | None:
        """See `k8s.listing.Keeper`.

        Raises:
            LimitExceeded: the list is longer than one may be.
        """
        if self._counted(read) and not self._wants_all:
            self._keeps_less = True
        return self._kept if self._keeps_less else None

    def failed(self) -> None:
        """The cluster failed: nothing was read of it."""
        self._counted(0)

    async def _kept(self, rows: Sequence[Row]) -> Sequence[tuple[Sequence[Any], ...]]:
        """For each who joined."""
        await turn()
        pace, kept = Pace(), list[Sequence[Any]]()
        for keep in self._keeps:
            kept.append(await keep(rows))
            await pace.breathe()
        return [tuple(kept)]

    async def listing(self, read: Listing, keep: Keep | None) -> Listing:
        """What one of them kept, or everything, if nobody kept less."""
        if not read.is_kept or keep is None:
            return read
        if keep not in self._listings:
            place = self._keeps.index(keep)
            self._listings[keep] = replace(read, rows=await taken(each for kept in read.rows for each in kept[place]))
        return self._listings[keep]


@dataclass(slots=True)
class SharedLists:
    """All lists of one operation.

    Attributes:
        most: objects that one list of all clusters may have.
        objects_read: of all lists.
        is_needed_whole: whether links may need any object of any list once more.
    """

    most: int
    objects_read: int = 0
    is_needed_whole: bool = False
    _readings: dict[object, SharedReading] = field(default_factory=dict)
    _lengths: dict[object, dict[str, int]] = field(default_factory=dict)

    def reading(self, cluster_id: str, request: ListRequest, window: Window, keep: Keep | None) -> SharedReading:
        """The reading of a list, which will keep what is asked for."""
        key = (cluster_id, request, window)
        reading = self._readings.get(key)
        if reading is None or not reading.takes(keep):
            reading = self._readings[key] = SharedReading(self._counted(cluster_id, request, window))
        reading.join(keep)
        return reading

    def close(self) -> None:
        """Lets go of all lists; how much was read stays."""
        self._readings.clear()
        self._lengths.clear()

    def _counted(self, cluster_id: str, request: ListRequest, window: Window) -> Callable[[int], bool]:
        lengths = self._lengths.setdefault((request, window), {})

        def counted(read: int) -> bool:
            self.objects_read += max(0, read - lengths.get(cluster_id, 0))
            lengths[cluster_id] = read
            if sum(lengths.values()) > self.most:
                raise LimitExceeded(
                    f"The list has more than {self.most} {request.kind}; narrow it, or ask for pages of it."
                )
            return self.objects_read > _MUCH and not self.is_needed_whole

        return counted
