"""Objects of any number of clusters, column by column."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat

from k8s.reading.decoding import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.pacing import mapped


@dataclass(slots=True)
class Rows:
    """Decoded objects and, in a second list of the same length, the cluster of each.

    Attributes:
        copies: how often each stands in the answer, where links of several parents lead to it; None: once each.
    """

    rows: list[Row] = field(default_factory=list)
    clusters: list[FleetCluster] = field(default_factory=list)
    copies: list[int] | None = None

    @property
    def standing(self) -> int:
        """How many objects they are in the answer."""
        return len(self.rows) if self.copies is None else sum(self.copies)

    def copies_of(self, index: int) -> int:
        """How often one of them stands in the answer."""
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
        """Those from `start` to before `stop`."""
        copies = None if self.copies is None else self.copies[start:stop]
        return Rows(self.rows[start:stop], self.clusters[start:stop], copies)

    async def picked(self, indexes: Sequence[int]) -> "Rows":
        """Those at `indexes`, in that order; they may lie apart in memory, so many of them take a while."""
        copies = None if self.copies is None else await mapped(self.copies.__getitem__, indexes)
        rows = await mapped(self.rows.__getitem__, indexes)
        return Rows(rows, await mapped(self.clusters.__getitem__, indexes), copies)

    def distinct_clusters(self) -> list[FleetCluster]:
        """Each cluster once, in order of first appearance."""
        return list(dict.fromkeys(self.clusters))
