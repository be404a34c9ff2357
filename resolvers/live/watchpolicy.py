"""The numbers of watches, and the memory of their objects, for all clusters."""

from collections.abc import Hashable
from dataclasses import dataclass
from weakref import WeakValueDictionary

from k8s.watches.clusterwatching import ClusterWatching
from k8s.watches.watchbudget import WatchBudget
from k8s.watches.watchfigures import WatchFigures
from k8s.watches.watchmemory import WatchMemory


@dataclass(frozen=True, slots=True)
class WatchPolicy:
    """The limits of all watches; each is a setting (docs/settings.md).

    Attributes:
        in_cluster: The watches of one cluster, of all identities.
        altogether: The watches of all clusters.
        memory_bytes: The memory of the objects of all watches.
        linger_s: Seconds for which a watch goes on that nobody needs.
    """

    in_cluster: int = 100
    altogether: int = 1000
    memory_bytes: int = 512 * 1024 * 1024
    linger_s: float = 120.0


class WatchedClusters:
    """The common parts of the watches of each cluster, within the limits."""

    def __init__(self, policy: WatchPolicy, figures: WatchFigures) -> None:
        """Takes the limits, and the figures for metrics."""
        self._policy = policy
        self._figures = figures
        self._budget = WatchBudget(policy.altogether, "FLEETGRAPH_MAX_WATCHES")
        self._memory = WatchMemory(policy.memory_bytes)
        self._clusters: WeakValueDictionary[Hashable, ClusterWatching] = WeakValueDictionary()

    def of(self, registration: Hashable, cluster: str) -> ClusterWatching:
        """Returns the common parts of a cluster, by its registration and its name."""
        from resolvers.unexpected import contained  # noqa: PLC0415  commands that watch nothing import no structlog

        common = self._clusters.get(registration)
        if common is None:
            budget = WatchBudget(self._policy.in_cluster, "FLEETGRAPH_MAX_WATCHES_PER_CLUSTER")
            common = self._clusters[registration] = ClusterWatching(
                budgets=(budget, self._budget),
                memory=self._memory,
                figures=self._figures.of(cluster),
                contained=contained,
            )
        return common
