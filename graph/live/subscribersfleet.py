"""The clusters of subscribers who share a subscription: those of any one of them whose rights are as they were."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence

from resolvers.audit.auditor import Auditor
from resolvers.caller import Caller
from resolvers.errors import NotPermitted
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.fleetofcaller import FleetOfCaller

Rights = Mapping[str, Hashable]


class SubscribersFleet:
    """A fleet for callers of equal rights; whoever asks for its clusters."""

    def __init__(self, fleet: FleetOfCaller) -> None:
        """Takes the fleet."""
        self._fleet = fleet
        self._callers: Counter[Caller] = Counter()
        self._first: Rights | None = None
        self._accepted: tuple[FleetCluster, ...] | None = None

    @property
    def auditor(self) -> Auditor | None:
        """The auditor of changes, if there is one."""
        return self._fleet.auditor

    def add(self, caller: Caller) -> None:
        """Adds the caller of a subscriber."""
        self._callers[caller] += 1

    def remove(self, caller: Caller) -> None:
        """Removes the caller of a subscriber."""
        self._callers[caller] -= 1
        self._callers = +self._callers

    async def clusters(self, caller: Caller) -> tuple[FleetCluster, ...]:
        """Returns the clusters of a subscriber whose rights are those of the beginning.

        Raises:
            NotPermitted: There is none.
            StoreError: The registry cannot be read.
        """
        for one in tuple(self._callers) or (caller,):
            clusters = await self._fleet.clusters(one)
            if clusters is self._accepted or self._are_kept(clusters):
                self._accepted = clusters
                return clusters
        raise NotPermitted("Clusters or permissions have changed; subscribe again.")

    def _are_kept(self, clusters: Sequence[FleetCluster]) -> bool:
        now = rights(clusters)
        if self._first is None:
            self._first = now
        return all(now.get(cluster_id) == before for cluster_id, before in self._first.items())


def rights(clusters: Sequence[FleetCluster]) -> Rights:
    """Returns the rights in each cluster by its id; equal ones may share what they read."""
    return {cluster.id: (cluster.name, cluster.updated_at, cluster.rights) for cluster in clusters}
