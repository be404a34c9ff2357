"""Sums of the requests and limits of pods that have not ended, by node and by namespace.

Source: `getPodsTotalRequestsAndLimits` in k8s.io/kubectl/pkg/describe/describe.go, v0.37: pods count by their specs.
"""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct, field

from k8s.reading.rowdecoders import Row
from k8s.turns.turns import Pace
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.amounts import ZERO, Amount
from resolvers.kinds.core import podresources
from resolvers.kinds.resources import CPU, EPHEMERAL_STORAGE, MEMORY, PODS, ResourceList, add
from resolvers.lists.clusteranswer import Summary
from resolvers.pacing import worked

READS: Final = (*podresources.SPEC_READS, "metadata.namespace", "spec.nodeName", "status.phase")
NOT_ENDED: Final = "status.phase!=Succeeded,status.phase!=Failed"
"""The field selector of pods that have not ended."""
_ENDED: Final = frozenset({"Succeeded", "Failed"})
_NOTHING: Final[ResourceList] = dict.fromkeys((CPU, MEMORY, EPHEMERAL_STORAGE), ZERO)


class PodSum(Struct):
    """The requests and limits of some pods, and their number."""

    requests: ResourceList = field(default_factory=_NOTHING.copy)
    limits: ResourceList = field(default_factory=_NOTHING.copy)
    pods: int = 0

    def add(self, other: "PodSum") -> None:
        """Adds other pods."""
        add(self.requests, other.requests)
        add(self.limits, other.limits)
        self.pods += other.pods

    @property
    def requested(self) -> ResourceList:
        """The requests, with the pods themselves as a resource."""
        return {**self.requests, PODS: Amount(self.pods * 10**9)}


def sum_of(pod: Row) -> PodSum | None:
    """Returns a pod's own requests and limits; None for one that has ended. Reads `READS`."""
    if pod.status is not None and pod.status.phase in _ENDED:
        return None
    return PodSum(podresources.spec_requests(pod), podresources.spec_limits(pod), 1)


class PodSums(Struct):
    """The sums of the pods of each node and of each namespace; a pod without a node is in its namespace only."""

    nodes: dict[str, PodSum] = field(default_factory=dict)
    namespaces: dict[str, PodSum] = field(default_factory=dict)

    def of_node(self, name: str) -> PodSum:
        """Returns the sum of the pods that are bound to a node."""
        return self.nodes.get(name) or PodSum()

    def of_namespace(self, name: str) -> PodSum:
        """Returns the sum of the pods in a namespace."""
        return self.namespaces.get(name) or PodSum()

    async def of_cluster(self) -> PodSum:
        """Returns the sum of all pods."""
        total = PodSum()
        await worked(total.add, self.namespaces.values())
        return total

    def add_pod(self, pod: Row) -> None:
        """Adds a pod, unless it has ended; reads `READS`."""
        own = sum_of(pod)
        if own is None:
            return
        self.add_namespace((pod.metadata.namespace, own))
        if pod.spec is not None and pod.spec.nodeName:
            self.add_node((pod.spec.nodeName, own))

    def add_node(self, named: tuple[str, PodSum]) -> None:
        """Adds pods of a node."""
        self.nodes.setdefault(named[0], PodSum()).add(named[1])

    def add_namespace(self, named: tuple[str, PodSum]) -> None:
        """Adds pods of a namespace."""
        self.namespaces.setdefault(named[0], PodSum()).add(named[1])


async def _summed(_cluster: FleetCluster, pods: Sequence[Row]) -> list[PodSums]:
    sums = PodSums()
    await worked(sums.add_pod, pods)
    return [sums]


SUMMED: Final = Summary(_summed)
"""Returns the sums of some pods of a cluster: the reduction of their list."""


async def joined(parts: Sequence[PodSums]) -> PodSums:
    """Returns the sums of all pods of which the parts have some."""
    if len(parts) == 1:
        return parts[0]
    pace, sums = Pace(), PodSums()
    for part in parts:
        await worked(sums.add_node, part.nodes.items(), pace)
        await worked(sums.add_namespace, part.namespaces.items(), pace)
    return sums
