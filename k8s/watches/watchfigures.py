"""Figures of the watches of each cluster, for metrics: plain numbers until they are read."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic

from k8s.watches.freshness import Freshness
from k8s.watches.heldobjects import HeldObjects


@dataclass(slots=True)
class ClusterWatchFigures:
    """The figures of one cluster, of all identities.

    Attributes:
        events: Events by type, with those that list an object as ADDED.
        reconnects: Further requests of watches by the reason of the end of the one before.
        relists: Those of them that begin with all objects again.
        running: The objects of the watches that run.
    """

    events: Counter[str] = field(default_factory=Counter)
    reconnects: Counter[str] = field(default_factory=Counter)
    relists: Counter[str] = field(default_factory=Counter)
    running: set[HeldObjects] = field(default_factory=set)

    @property
    def objects(self) -> int:
        """Returns the number of held objects."""
        return sum(map(len, self.running))

    @property
    def size_bytes(self) -> int:
        """Returns about the memory of the held objects."""
        return sum(held.size_bytes for held in self.running)

    @property
    def lag_s(self) -> float:
        """Returns the seconds since the API server last sent something, of the watch for which that is longest.

        Watches that show nothing, because they never had all objects or may not, do not count.
        """
        heard_s = (held.heard_s for held in self.running if held.freshness is not Freshness.FAILED)
        now_s = monotonic()
        return now_s - min(heard_s, default=now_s)


class WatchFigures:
    """The figures of all clusters by name."""

    def __init__(self) -> None:
        self._clusters: dict[str, ClusterWatchFigures] = {}

    def of(self, cluster: str) -> ClusterWatchFigures:
        """Returns the figures of a cluster, which are shown from then on."""
        return self._clusters.setdefault(cluster, ClusterWatchFigures())

    def __iter__(self) -> Iterator[tuple[str, ClusterWatchFigures]]:
        return iter(self._clusters.items())
