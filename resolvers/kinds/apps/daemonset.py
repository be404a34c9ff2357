"""Members of daemon sets beyond their Kubernetes fields."""

from collections.abc import Sequence
from typing import Annotated, Final

from msgspec import Meta, Struct

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.apps.rollout import WorkloadRollout, is_observed
from resolvers.kinds.core.node import NODES
from resolvers.kinds.podspecs.relations import DAEMON_SET_PODS
from resolvers.kinds.podspecs.templates import add_template_fields, add_template_names, add_template_selecting
from resolvers.links.fetching import Fetch
from resolvers.links.joining import ObjectName
from resolvers.links.members import Family, Shape
from resolvers.links.owners import REFERENCES, UID, OwnerKey, own_key, owned, owner_key
from resolvers.links.owning import Owning, add_owned, add_owner
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, collected
from resolvers.together import together

DAEMON_SETS = Family(kinds.DAEMON_SET)
REVISIONS_OF_DAEMON_SETS = Family(kinds.CONTROLLER_REVISION)

_REVISIONS: Final = Owning(kinds.DAEMON_SET, kinds.CONTROLLER_REVISION)


class DaemonSetReplicas(Struct, frozen=True):
    """The desired and actual pods of a daemon set, each on a node of its own."""

    desired: Annotated[int, Meta(description="Nodes that should run its pod.")]
    current: Annotated[int, Meta(description="Nodes that run its pod and should.")]
    ready: Annotated[int, Meta(description="Nodes whose pod serves requests.")]
    updated: Annotated[int, Meta(description="Nodes whose pod is of the current template.")]
    available: Annotated[int, Meta(description="Nodes whose pod has been ready for at least minReadySeconds.")]


@DAEMON_SETS.derived(
    "status.desiredNumberScheduled",
    "status.currentNumberScheduled",
    "status.numberReady",
    "status.updatedNumberScheduled",
    "status.numberAvailable",
    description="Its desired and actual pods, as kubectl's columns show them.",
)
def replicas(daemon_set: Row) -> DaemonSetReplicas:
    """Returns the counts of its status; missing ones are 0."""
    status = daemon_set.status
    if status is None:
        return DaemonSetReplicas(0, 0, 0, 0, 0)
    return DaemonSetReplicas(
        status.desiredNumberScheduled or 0,
        status.currentNumberScheduled or 0,
        status.numberReady or 0,
        status.updatedNumberScheduled or 0,
        status.numberAvailable or 0,
    )


@DAEMON_SETS.derived("status.numberMisscheduled", description="Nodes that run its pod but should not.")
def misscheduled(daemon_set: Row) -> int:
    """Returns the count of its status."""
    return (daemon_set.status.numberMisscheduled if daemon_set.status else None) or 0


@DAEMON_SETS.derived(
    "metadata.generation",
    "spec.updateStrategy.type",
    "status.observedGeneration",
    "status.desiredNumberScheduled",
    "status.updatedNumberScheduled",
    "status.numberAvailable",
    description="The progress of the current template's rollout, as in `kubectl rollout status`; null for the strategy "
    "OnDelete, whose rollouts nobody drives.",
)
def rollout(daemon_set: Row) -> WorkloadRollout | None:
    """Returns the progress of the rollout.

    Source: `DaemonSetStatusViewer` in k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go.
    """
    strategy = daemon_set.spec.updateStrategy if daemon_set.spec else None
    if strategy is None or strategy.type != "RollingUpdate":
        return None
    if not is_observed(daemon_set):
        return WorkloadRollout(False, "Waiting for the daemon set's spec to be observed.")
    status = daemon_set.status
    desired, updated = status.desiredNumberScheduled or 0, status.updatedNumberScheduled or 0
    if updated < desired:
        return WorkloadRollout(False, f"{updated} of {desired} new pods have been updated.")
    if (status.numberAvailable or 0) < desired:
        return WorkloadRollout(False, f"{status.numberAvailable or 0} of {desired} updated pods are available.")
    return WorkloadRollout(True, "Successfully rolled out.")


add_template_fields(DAEMON_SETS)
add_template_names(DAEMON_SETS, kinds.DAEMON_SET)
add_template_selecting(DAEMON_SETS)
add_owned(DAEMON_SETS, DAEMON_SET_PODS, description="The pods that it controls.")
add_owned(
    DAEMON_SETS,
    _REVISIONS,
    description="Its templates, the current one and earlier ones.",
)
add_owner(
    REVISIONS_OF_DAEMON_SETS, _REVISIONS, description="The daemon set of whose templates it is; null if there is none."
)


@DAEMON_SETS.link(
    UID, to=kinds.NODE, shape=Shape.MANY, lists=lambda _: 2, description="The nodes that run a pod that it controls."
)
async def nodes(daemon_sets: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads pods, and then their nodes by name."""
    pods = await fetch.steps(kinds.POD, "spec.nodeName", *REFERENCES)
    owned_pods = await owned(pods, lambda cluster, pod: owner_key(cluster, pod, kinds.DAEMON_SET))
    names: dict[ObjectName, None] = {}
    places: list[list[ObjectName]] = []
    async for batch in batches(daemon_sets):
        for cluster, row in batch:
            places.append(_nodes(cluster, owned_pods.get(own_key(cluster, row, kinds.DAEMON_SET), ())))
            names.update(dict.fromkeys(places[-1]))
    found = dict(zip(names, await fetch.named(kinds.NODE, [*names]), strict=True))
    return await collected([row for one in own if (row := found[one]) is not None] for own in places)


@NODES.link(
    "metadata.name",
    to=kinds.DAEMON_SET,
    shape=Shape.MANY,
    lists=lambda _: 2,
    description="The daemon sets that control a pod on it.",
)
async def daemon_sets(nodes: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads pods and daemon sets concurrently, and joins them by the pods' owners."""
    pods, sets = await together(
        fetch.steps(kinds.POD, "spec.nodeName", *REFERENCES), fetch.children(kinds.DAEMON_SET, UID)
    )
    names: dict[OwnerKey, dict[str, None]] = {}
    async for batch in batches(pods):
        for cluster, pod in batch:
            key = owner_key(cluster, pod, kinds.DAEMON_SET)
            if key is not None and pod.spec and pod.spec.nodeName:
                names.setdefault(key, {})[pod.spec.nodeName] = None
    found: dict[tuple[FleetCluster, str], list[Row]] = {}
    async for batch in batches(sets):
        for cluster, row in batch:
            for name in names.get(own_key(cluster, row, kinds.DAEMON_SET), ()):
                found.setdefault((cluster, name), []).append(row)
    return await collected(found.get((cluster, node.metadata.name), ()) for cluster, node in nodes)


def _nodes(cluster: FleetCluster, pods: Sequence[Row]) -> list[ObjectName]:
    names = dict.fromkeys(pod.spec.nodeName for pod in pods if pod.spec and pod.spec.nodeName)
    return [(cluster, None, name) for name in names]
