"""The clusters of a caller, whose objects are read from watches."""

from dataclasses import dataclass, replace
from typing import Final

from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.sender import Sender
from resolvers.audit.auditor import Auditor
from resolvers.caller import Caller
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.fleetofcaller import FleetOfCaller
from resolvers.live.dependencies import Dependencies
from resolvers.live.livereader import LiveReader

_DISCOVERY: Final = frozenset({"/api", "/apis", "/version"})


class LiveFleet:
    """A fleet for the evaluations of one subscription."""

    def __init__(self, fleet: FleetOfCaller, dependencies: Dependencies) -> None:
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
        prometheus = cluster.prometheus
        if prometheus is not None:
            prometheus = replace(prometheus, sender=_PolledSender(prometheus.sender, self._dependencies))
        return replace(
            cluster,
            reader=LiveReader(cluster, cluster.watches, self._dependencies),
            sender=_PolledSender(cluster.sender, self._dependencies),
            prometheus=prometheus,
        )


@dataclass(frozen=True, slots=True)
class _PolledSender:
    """A sender of a cluster; what it reads changes without a word, so the subscription reads it again."""

    sender: Sender
    dependencies: Dependencies

    @property
    def name(self) -> str:
        return self.sender.name

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        if str(call.path) not in _DISCOVERY:
            self.dependencies.is_polled = True
        return await self.sender.send(call, deadline, on_prefix=on_prefix)
