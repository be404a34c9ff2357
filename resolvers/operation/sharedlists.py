"""The lists of one operation, each read once of a cluster for all fields that ask for it.

While the operation has read little, lists are kept whole, whoever asks for them. Once it has read much, each page is
reduced to what each field needs of it; a field that asks later, and needs more, reads the list again.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from k8s.reading.listing import ListRequest, Window
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.answers import Reduce
from resolvers.lists.shares import Share
from resolvers.memory.share import MemoryShare
from resolvers.operation.sharedreading import SharedReading

_MUCH: Final = 10_000
"""Objects; their rows take 10 to 30 MB."""
_CROWDED: Final = 0.4
"""Of an operation's memory: rows that take more hardly fit with the answer that is made of them, and its text."""


@dataclass(slots=True)
class SharedLists:
    """All lists of one operation.

    Attributes:
        memory: they are charged there.
        objects_read: of all lists.
        is_needed_whole: whether links may need any object of any list once more.
    """

    memory: MemoryShare
    objects_read: int = 0
    is_needed_whole: bool = False
    _readings: dict[tuple[str, ListRequest, Window], SharedReading] = field(default_factory=dict)
    _lengths: dict[object, int] = field(default_factory=dict)

    def reading(
        self,
        cluster: FleetCluster,
        request: ListRequest,
        window: Window,
        *,
        reduce: Reduce | None,
        share: Share | None = None,
    ) -> SharedReading:
        """Returns the reading of a list that has what a field needs, and counts for its share."""
        key = (cluster.id, request, window)
        reading = self._readings.get(key)
        if reading is None or not reading.takes(reduce):
            counted = self._counted(key)
            reading = SharedReading(
                cluster, request, window, counted=counted, memory=self.memory, relieve=self._relieve
            )
            self._readings[key] = reading
        reading.join(reduce, share)
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
        expected, read_now = Counter[str](), Counter[str]()
        for (cluster_id, _, _), reading in self._readings.items():
            expected[cluster_id] += reading.expected_bytes
            read_now[cluster_id] += reading.rows_bytes
        largest = max(expected, key=lambda cluster_id: (expected[cluster_id], cluster_id), default="")
        if len(expected) < 2 or 3 * expected[largest] < 4 * min(expected.values()):
            return
        if 2 * read_now[largest] > read_now.total() or 2 * held_bytes > most_bytes:
            for (cluster_id, _, _), reading in self._readings.items():
                if cluster_id == largest:
                    reading.withdraw(held_bytes)
