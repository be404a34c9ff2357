"""A cache of the clusters of recent callers, for one state of the registry and the grants."""

from collections import OrderedDict
from typing import Final

from resolvers.caller import Caller
from resolvers.fleet.cluster import FleetCluster

MAX_CLUSTERS: Final = 20_000
"""The limit of clusters over all callers, a kilobyte each; the latest caller's are kept in any case."""

_GROUPS_PER_CLUSTER: Final = 6
"""The number of a caller's groups that take the memory of a cluster."""


class CallerClusters:
    """The clusters by caller; those of the least recent callers are removed first."""

    def __init__(self, *, limit: int = MAX_CLUSTERS) -> None:
        """Takes the limit of clusters over all callers."""
        self._limit = limit
        self._clusters: OrderedDict[Caller, tuple[FleetCluster, ...]] = OrderedDict()
        self._count = 0

    def get(self, caller: Caller) -> tuple[FleetCluster, ...] | None:
        """Returns the clusters that exist for a caller; None if they are not known."""
        clusters = self._clusters.get(caller)
        if clusters is not None:
            self._clusters.move_to_end(caller)
        return clusters

    def put(self, caller: Caller, clusters: tuple[FleetCluster, ...]) -> None:
        """Adds the clusters of a caller; a caller without clusters counts as one, and one with many groups as more."""
        self._drop(caller)
        self._clusters[caller] = clusters
        self._count += _weight(caller, clusters)
        while self._count > self._limit and len(self._clusters) > 1:
            self._drop(next(iter(self._clusters)))

    def clear(self) -> None:
        """Removes all."""
        self._clusters.clear()
        self._count = 0

    def _drop(self, caller: Caller) -> None:
        clusters = self._clusters.pop(caller, None)
        if clusters is not None:
            self._count -= _weight(caller, clusters)


def _weight(caller: Caller, clusters: tuple[FleetCluster, ...]) -> int:
    return (len(clusters) or 1) + len(caller.groups) // _GROUPS_PER_CLUSTER
