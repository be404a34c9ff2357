"""The lists of one operation, each read once of a cluster for all fields that ask for it.

While the operation has read little, lists are kept whole, whoever asks for them. Of what comes when it has read much,
each field keeps what it needs of every page; who asks later, and needs more, reads the list again.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from k8s.errors import ClusterError, TooMuchMemory
from k8s.reading.decoding import Row
from k8s.reading.listing import Keep, Listing, ListRequest, Window
from k8s.reading.pages import PAGE_OBJECTS
from k8s.turns.freeing import free
from k8s.turns.turns import Pace, turn
from resolvers.limits import MIB
from resolvers.lists.shares import Share
from resolvers.memory.share import MemoryShare
from resolvers.memory.weighing import weight
from resolvers.pacing import taken

_MUCH: Final = 10_000
"""Objects; their rows take 10 to 30 MB."""
_CROWDED: Final = 0.4
"""Of an operation's memory: rows that take more hardly fit with the answer that is made of them, and its text."""
_AHEAD_BYTES: Final = 3 * 2**20
"""Two pages that are on their way, or wait to be decoded, of a list that has more than one."""


class SharedReading:
    """A list of one cluster that is being read."""

    def __init__(self, counted: Callable[[int], bool], memory: MemoryShare, relieve: Callable[[int], None]) -> None:
        """Takes what its rows are counted by.

        Args:
            counted: is told how many objects were read, and says whether that is much.
            memory: where they are charged.
            relieve: finds a cluster that pays, where much memory is held; takes the bytes that are about to be charged.
        """
        self._counted = counted
        self._memory = memory
        self._relieve = relieve
        self._read = 0
        self._rows_bytes = 0
        self._kept_bytes = 0
        self._ahead_bytes = 0
        self._rows: list[Any] = []
        self._kept_values: list[Any] = []
        self._keeps: list[Keep] = []
        self._shares: list[Share] = []
        self._left: int | None = None
        self._whole: list[Any] | None = None
        self._is_needed = False
        self._wants_all = False
        self._keeps_less = False
        self._listings: dict[Keep | None, Listing] = {}

    def takes(self, keep: Keep | None) -> bool:
        """Whether what a field keeps can still be had of it; `None` is everything."""
        return (not self._keeps_less or keep in self._keeps) and self._refusal() is None

    def join(self, keep: Keep | None, share: Share | None) -> None:
        """Keeps what a field needs, besides what others do, and counts for its share what is read."""
        if share is None:
            self._is_needed = True
        else:
            self._shares.append(share)
            share.count(self, self._read, self._left)
        if keep is None:
            self._wants_all = True
        elif keep not in self._keeps:
            self._keeps.append(keep)

    async def keeper(self, read: int, newest: Sequence[Row], left: int | None) -> Keep | None:
        """See `k8s.reading.listing.Keeper`; waits while others hold too much memory.

        Raises:
            ClusterError: this one pays where all have too much together.
            LimitExceeded: it takes more memory than the operation may hold.
            MemoryFull: others hold the memory that it needs.
        """
        self._left = left
        for share in self._shares:
            share.count(self, read, left)
        if (refusal := self._refusal()) is not None:
            raise refusal
        if self._counted(read) and not self._wants_all:
            self._keeps_less = True
        if read - len(newest) != self._read:  # the list is read once more
            self.release()
        if newest:
            await self._charge(read, newest)
        return self._kept if self._keeps_less else None

    @property
    def rows_bytes(self) -> int:
        """What its rows take now."""
        return self._rows_bytes

    @property
    def expected_bytes(self) -> int:
        """What its rows take when all are there, as far as the API server says how many they are."""
        return self._rows_bytes * (self._read + (self._left or 0)) // self._read if self._read else 0

    def withdraw(self, held_bytes: int) -> None:
        """Lets the cluster pay, if nothing of the list is in use yet."""
        if self._is_needed or any(share.is_closed for share in self._shares):
            return
        for share in self._shares:
            share.withdraw(
                TooMuchMemory(
                    share.cluster,
                    f"its rows take most of the {held_bytes // MIB} MiB of memory that the query holds, which may hold "
                    f"{self._memory.most_bytes // MIB} MiB (FLEETGRAPH_MAX_OPERATION_MEMORY_BYTES, "
                    "FLEETGRAPH_MAX_MEMORY_BYTES). Ask for it alone, for fewer fields, or for pages.",
                )
            )

    def _refusal(self) -> ClusterError | None:
        """Why nobody wants the list any more; None if somebody does."""
        if self._is_needed or not self._shares:
            return None
        refusals = [share.refusal for share in self._shares]
        return None if None in refusals else refusals[0]

    async def _charge(self, read: int, newest: Sequence[Row]) -> None:
        size_bytes = await weight(newest)
        self._read = read
        if not self._ahead_bytes and len(newest) >= PAGE_OBJECTS:
            self._ahead_bytes = _AHEAD_BYTES
            self._memory.charge_passing(_AHEAD_BYTES)
        self._rows_bytes += size_bytes
        self._rows = self._holding(self._rows, newest)
        self._relieve(size_bytes)
        if (refusal := self._refusal()) is not None:
            self._rows_bytes -= size_bytes
            raise refusal
        self._memory.charge(size_bytes)

    def _holding(self, held: list[Any], more: Sequence[Any]) -> list[Any]:
        """What is freed little by little, sooner or later."""
        if not held:
            held = []
            self._memory.hold(held)
        held += more
        return held

    def release(self) -> None:
        """Nothing is held of the list."""
        self._memory.charge(-self._rows_bytes)
        self._read = self._rows_bytes = self._kept_bytes = 0
        free(self._rows)
        free(self._kept_values)
        self._rows, self._kept_values = [], []
        self.ended()

    def unwanted(self) -> None:
        """Lets go of the list if nobody wants it any more; one that is still being read ends with its next page."""
        if self._refusal() is not None and self._whole is not None and all(each.is_over for each in self._shares):
            self._whole.clear()
            self._listings.clear()
            self.release()

    def failed(self) -> None:
        """The cluster failed: nothing was read of it."""
        self._counted(0)
        self.release()

    def ended(self) -> None:
        """No page of the list is on its way."""
        self._memory.charge_passing(-self._ahead_bytes)
        self._ahead_bytes = 0

    async def _kept(self, rows: Sequence[Row]) -> Sequence[tuple[Sequence[Any], ...]]:
        """For each who joined; what was kept of the rows before stays charged."""
        await turn()
        pace, kept = Pace(), list[Sequence[Any]]()
        for keep in self._keeps:
            kept.append(await keep(rows))
            self._kept_values = self._holding(self._kept_values, kept[-1])
            await pace.breathe()
        size_bytes = sum([await weight(each) for each in kept])
        free(self._rows)
        self._rows = []
        self._kept_bytes += size_bytes
        more_bytes, self._rows_bytes = self._kept_bytes - self._rows_bytes, self._kept_bytes
        self._memory.charge(more_bytes)
        return [tuple(kept)]

    async def listing(self, read: Listing, keep: Keep | None) -> Listing:
        """What one of them kept, or everything, if nobody kept less."""
        self._whole = read.rows
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
        memory: where they are charged.
        objects_read: of all lists.
        is_needed_whole: whether links may need any object of any list once more.
    """

    memory: MemoryShare
    objects_read: int = 0
    is_needed_whole: bool = False
    _readings: dict[tuple[str, ListRequest, Window], SharedReading] = field(default_factory=dict)
    _lengths: dict[object, int] = field(default_factory=dict)

    def reading(
        self, cluster_id: str, request: ListRequest, window: Window, *, keep: Keep | None, share: Share | None = None
    ) -> SharedReading:
        """The reading of a list, which will keep what is asked for, and counts for the share of who asks."""
        key = (cluster_id, request, window)
        reading = self._readings.get(key)
        if reading is None or not reading.takes(keep):
            reading = self._readings[key] = SharedReading(self._counted(key), self.memory, self._relieve)
        reading.join(keep, share)
        return reading

    def close(self) -> None:
        """Lets go of all lists; how much was read stays."""
        self._readings.clear()
        self._lengths.clear()

    def _counted(self, key: object) -> Callable[[int], bool]:
        def counted(read: int) -> bool:
            self.objects_read += max(0, read - self._lengths.get(key, 0))
            self._lengths[key] = read
            return self.objects_read > _MUCH and not self.is_needed_whole

        return counted

    def _relieve(self, added_bytes: int) -> None:
        """Lets the cluster whose rows take most pay, before there is no room for what is made of the others' rows.

        That is one with more than half of them, or any where they take half of the operation's memory; unless all have
        about as much.
        """
        held_bytes, most_bytes = self.memory.held_bytes + added_bytes, self.memory.most_bytes
        if held_bytes < most_bytes * _CROWDED:
            return
        expected, taken_now = Counter[str](), Counter[str]()
        for (cluster_id, _, _), reading in self._readings.items():
            expected[cluster_id] += reading.expected_bytes
            taken_now[cluster_id] += reading.rows_bytes
        largest = max(expected, key=lambda cluster_id: (expected[cluster_id], cluster_id), default="")
        if len(expected) < 2 or 3 * expected[largest] < 4 * min(expected.values()):
            return
        if 2 * taken_now[largest] > taken_now.total() or 2 * held_bytes > most_bytes:
            for (cluster_id, _, _), reading in self._readings.items():
                if cluster_id == largest:
                    reading.withdraw(held_bytes)
