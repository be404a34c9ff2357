"""The join of resource quotas and the pods that they count."""

from collections.abc import Sequence

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.configuration.quotascopes import (
    POD_READS,
    QUOTA_READS,
    CountedPod,
    PodQuota,
    counted_pod,
    pod_quota,
)
from resolvers.kinds.configuration.resourcequota import RESOURCE_QUOTAS
from resolvers.links.fetching import Fetch
from resolvers.links.members import Family, Shape
from resolvers.links.naming import namespace_of
from resolvers.lists.rows import Rows
from resolvers.memory.share import REFERENCE_BYTES
from resolvers.pacing import collected, worked

COUNTED_PODS = Family(kinds.POD)

_Home = tuple[FleetCluster, str | None]


@RESOURCE_QUOTAS.link(
    *QUOTA_READS,
    to=kinds.POD,
    shape=Shape.MANY,
    description="The pods that it counts: those of its namespace that are in all of its scopes and have not ended, and "
    "ended ones if it limits `count/pods`; none if it limits no resource of pods.",
)
async def pods(quotas: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads pods, and compares each with the quotas of its namespace; pods that are alike are compared once."""
    all_pods = await fetch.children(kinds.POD, *POD_READS)
    join = await _joined(quotas)
    lists: list[list[Row]] = [[] for _ in range(len(quotas))]

    def add(placed: tuple[FleetCluster, Row]) -> None:
        indexes = join.counting(*placed)
        fetch.operation.memory.charge(len(indexes) * REFERENCE_BYTES)
        for index in indexes:
            lists[index].append(placed[1])

    await worked(add, all_pods)
    return lists


@COUNTED_PODS.link(
    *POD_READS,
    to=kinds.RESOURCE_QUOTA,
    shape=Shape.MANY,
    description="The resource quotas of its namespace that count it, by their scopes.",
)
async def resource_quotas(parents: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads quotas, and compares the pods with them."""
    quotas = await fetch.children(kinds.RESOURCE_QUOTA, *QUOTA_READS)
    join = await _joined(quotas)
    indexes = await worked(lambda placed: join.counting(*placed), parents)
    return await collected([quotas.rows[index] for index in own] for own in indexes)


class _QuotaJoin:
    """The quotas of each namespace, and the indexes of those that count pods with the same facts."""

    def __init__(self) -> None:
        self._quotas: dict[_Home, list[tuple[int, PodQuota]]] = {}
        self._known: dict[tuple[_Home, CountedPod], Sequence[int]] = {}

    def add(self, index: int, home: _Home, quota: PodQuota) -> None:
        """Adds a quota."""
        self._quotas.setdefault(home, []).append((index, quota))

    def counting(self, cluster: FleetCluster, pod: Row) -> Sequence[int]:
        """Returns the indexes of the quotas that count a pod."""
        home = cluster, namespace_of(pod)
        own = self._quotas.get(home)
        if own is None:
            return ()
        facts = counted_pod(cluster, pod)
        known = self._known.get((home, facts))
        if known is None:
            known = self._known[home, facts] = [index for index, quota in own if quota.holds(facts)]
        return known


async def _joined(quotas: Rows) -> _QuotaJoin:
    join = _QuotaJoin()

    def add(placed: tuple[int, tuple[FleetCluster, Row]]) -> None:
        index, (cluster, quota) = placed
        join.add(index, (cluster, namespace_of(quota)), pod_quota(quota))

    await worked(add, enumerate(quotas))
    return join
