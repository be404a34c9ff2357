"""Objects of any number of clusters, column by column."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Final

from k8s.reading.rowdecoders import Row
from resolvers.filters.ordering import BY_IDENTITY, OrderValues
from resolvers.fleet.cluster import FleetCluster
from resolvers.pacing import mapped, worked

_NOTHING: Final[Mapping[str, str]] = {}


@dataclass(slots=True)
class Rows:
    """Decoded objects and, in a second list of the same length, the cluster of each one.

    Attributes:
        copies: how often each object is in the answer, if links of several parents lead to it; None: once each.
        order: the values by which they are ordered.
        is_by_kind: whether they are of several kinds, by which those of each cluster are ordered.
    """

    rows: list[Row] = field(default_factory=list)
    clusters: list[FleetCluster] = field(default_factory=list)
    copies: list[int] | None = None
    order: OrderValues = BY_IDENTITY
    is_by_kind: bool = False
    _alike: tuple[list[int], list[int]] | None = field(default=None, init=False, repr=False, compare=False)
    _lock: asyncio.Lock | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def sent_objects(self) -> int:
        """The number of objects in the answer, copies included."""
        return len(self.rows) if self.copies is None else sum(self.copies)

    def copies_of(self, index: int) -> int:
        """Returns how often an object is in the answer."""
        return 1 if self.copies is None else self.copies[index]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[tuple[FleetCluster, Row]]:
        return zip(self.clusters, self.rows, strict=True)

    def extend(self, cluster: FleetCluster, rows: Sequence[Row]) -> None:
        """Adds objects of one cluster."""
        self.rows.extend(rows)
        self.clusters.extend(repeat(cluster, len(rows)))

    def part(self, start: int, stop: int) -> "Rows":
        """Returns the objects from `start` to before `stop`."""
        copies = None if self.copies is None else self.copies[start:stop]
        order = self.order.slice(start, stop)
        return Rows(self.rows[start:stop], self.clusters[start:stop], copies, order, self.is_by_kind)

    async def picked(self, indexes: Sequence[int]) -> "Rows":
        """Returns the objects at `indexes`, in their order and without `order`; yields to other tasks meanwhile."""
        copies = None if self.copies is None else await mapped(self.copies.__getitem__, indexes)
        rows = await mapped(self.rows.__getitem__, indexes)
        clusters = await mapped(self.clusters.__getitem__, indexes)
        return Rows(rows, clusters, copies, is_by_kind=self.is_by_kind)

    async def alike_by_labels(self) -> tuple[Sequence[int], Sequence[int]]:
        """Returns the indexes of objects that differ in namespace or labels, and for each object its place among them.

        All links by selectors of one list need this, so it is remembered.
        """
        known, owners = dict[object, int](), list[int]()

        def place(at: int) -> int:
            metadata = self.rows[at].metadata
            home = self.clusters[at], getattr(metadata, "namespace", None)
            found = known.setdefault((home, tuple((metadata.labels or _NOTHING).items())), len(owners))
            if found == len(owners):
                owners.append(at)
            return found

        self._lock = self._lock or asyncio.Lock()
        async with self._lock:
            if self._alike is None or len(self._alike[1]) != len(self.rows):
                self._alike = owners, await worked(place, range(len(self.rows)))
            return self._alike

    def distinct_clusters(self) -> list[FleetCluster]:
        """Returns each cluster once, in order of first appearance."""
        return list(dict.fromkeys(self.clusters))
