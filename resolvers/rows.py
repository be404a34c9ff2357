"""Objects of any number of clusters, column by column."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat

from k8s.decoding import Row
from resolvers.cluster import FleetCluster


@dataclass(slots=True)
class Rows:
    """Decoded objects and, in a second list of the same length, the cluster of each."""

    rows: list[Row] = field(default_factory=list)
    clusters: list[FleetCluster] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[tuple[FleetCluster, Row]]:
        return zip(self.clusters, self.rows, strict=True)

    def extend(self, cluster: FleetCluster, rows: Sequence[Row]) -> None:
        """Adds objects of one cluster."""
        self.rows.extend(rows)
        self.clusters.extend(repeat(cluster, len(rows)))

    def take(self, indexes: Iterable[int]) -> "Rows":
        """Some of them, in the order asked for."""
        chosen = list(indexes)
        return Rows([self.rows[index] for index in chosen], [self.clusters[index] for index in chosen])

    def part(self, start: int, stop: int) -> "Rows":
        """Those from `start` to before `stop`."""
        return Rows(self.rows[start:stop], self.clusters[start:stop])

    def distinct_clusters(self) -> list[FleetCluster]:
        """Each cluster once, in order of first appearance."""
        return list(dict.fromkeys(self.clusters))
