"""The rows of one list of an operation: charged to its memory while they are held, and freed in slices."""

from collections.abc import Sequence
from typing import Any

from k8s.reading.rowdecoders import Row
from k8s.turns.freeing import free
from k8s.turns.turns import Pace, turn
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.clusteranswer import Reduce
from resolvers.memory.share import MemoryShare
from resolvers.memory.weighing import weight


class ChargedRows:
    """Rows, and the results of their reduction for each field.

    Attributes:
        rows: the objects that are not reduced.
        reduced: the results of each reduction.
        size_bytes: bytes of the rows and of all results.
        is_reduced: whether objects were reduced and released.
    """

    def __init__(self, memory: MemoryShare) -> None:
        """Takes the memory to charge."""
        self.rows: list[Any] = []
        self.reduced: dict[Reduce, list[Any]] = {}
        self.size_bytes = 0
        self.is_reduced = False
        self._reduced_bytes = 0
        self._memory = memory

    def add(self, rows: Sequence[Row], size_bytes: int) -> None:
        """Adds objects; the caller charges them."""
        self.size_bytes += size_bytes
        self._extend(self.rows, rows)

    async def reduce(self, cluster: FleetCluster) -> None:
        """Reduces the objects of a cluster for each field, and charges the results instead of the objects."""
        await turn()
        pace, self.is_reduced = Pace(), True
        for reduce, results in self.reduced.items():
            reduced = await reduce(cluster, self.rows)
            self._extend(results, reduced)
            self._reduced_bytes += await weight(reduced)
            await pace.breathe()
        self._free_rows()
        more_bytes, self.size_bytes = self._reduced_bytes - self.size_bytes, self._reduced_bytes
        self._memory.charge(more_bytes)

    def release(self) -> None:
        """Releases all rows and results."""
        self._memory.charge(-self.size_bytes)
        self.size_bytes, self._reduced_bytes, self.is_reduced = 0, 0, False
        self._free_rows()
        for reduce, results in self.reduced.items():
            free(results)
            self.reduced[reduce] = []

    def _extend(self, values: list[Any], more: Sequence[Any]) -> None:
        if more and not values:
            self._memory.hold(values)
        values += more

    def _free_rows(self) -> None:
        free(self.rows)
        self.rows = []
