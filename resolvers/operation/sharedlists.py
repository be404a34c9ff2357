"""The lists of one operation: each is read once from a cluster for all fields that need it.

Until the operation has read 10,000 objects, it holds whole lists, for any field. After that, each page is reduced to
the values that its fields need; a later field that needs more reads the list again. Lists that are read for a `Summary`
are reduced from the first page on.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from k8s.reading.listing import ListRequest, Window
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.clusteranswer import Reduce, Summary
from resolvers.lists.shares import Share
from resolvers.memory.share import MemoryShare
from resolvers.operation.sharedreading import SharedReading

_MUCH: Final = 10_000
"""Objects; their rows take 10 to 30 MB."""
_CROWDED: Final = 0.4
"""The part of an operation's memory above which rows hardly fit beside the answer made of them and its text."""


@dataclass(slots=True)
class SharedLists:
    """All lists of one operation.

    Attributes:
        memory: the memory that they are charged to.
        objects_read: the number of objects read of all lists.
        is_needed_whole: whether links may need any object of any list again.
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
        """Returns a reading of a list for a field and its share: a shared one if it has all that the field needs."""
        key = (cluster.id, request, window)
        reading = self._readings.get(key)
        if reading is None or not reading.takes(reduce):
            counted = self._counted(key, is_summed=isinstance(reduce, Summary))
            reading = SharedReading(
                cluster, request, window, counted=counted, memory=self.memory, relieve=self._relieve
            )
            self._readings[key] = reading
        reading.join(reduce, share)
        return reading

    def close(self) -> None:
        """Releases all lists; `objects_read` stays."""
        self._readings.clear()
        self._lengths.clear()

    def _counted(self, key: object, *, is_summed: bool) -> Callable[[int], bool]:
        def counted(read: int) -> bool:
            self.objects_read += max(0, read - self._lengths.get(key, 0))
            self._lengths[key] = read
            return is_summed or (self.objects_read > _MUCH and not self.is_needed_whole)

        return counted

    def _relieve(self, added_bytes: int) -> None:
        """Refuses the rows of the largest cluster before there is no room for the answer from the others' rows.

        The largest cluster is refused if it has more than half of the rows, or if rows take half of the operation's
        memory; unless all clusters have about the same.
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
