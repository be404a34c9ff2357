"""The clusters of a caller, whose objects are read from watches."""

from dataclasses import replace

from resolvers.audit.auditor import Auditor
from resolvers.caller import Caller
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.fleet import Fleet
from resolvers.live.dependencies import Dependencies
from resolvers.live.livereader import LiveReader


class LiveFleet:
    """A fleet for the evaluations of one subscription."""

    def __init__(self, fleet: Fleet, dependencies: Dependencies) -> None:
        """Takes the fleet, and the watches of the subscription."""
        self._fleet = fleet
        self._dependencies = dependencies
        self._live: tuple[tuple[FleetCluster, ...], tuple[FleetCluster, ...]] = ((), ())

    @property
    def auditor(self) -> Auditor | None:
        """The auditor of changes, if there is one."""
        return self._fleet.auditor

    async def clusters(self, caller: Caller) -> tuple[FleetCluster, ...]:
        """Returns the clusters that exist for a caller; the same object for as long as nothing has changed."""
        clusters = await self._fleet.clusters(caller)
        if clusters is not self._live[0]:
            self._live = (clusters, tuple(map(self._watched, clusters)))
        return self._live[1]

    def _watched(self, cluster: FleetCluster) -> FleetCluster:
        if cluster.watches is None:
            return cluster
        return replace(cluster, reader=LiveReader(cluster, cluster.watches, self._dependencies))
