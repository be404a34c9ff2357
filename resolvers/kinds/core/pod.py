"""Members of pods beyond their Kubernetes fields."""

from collections.abc import Sequence
from dataclasses import replace

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.core.podstatus import (
    LAST_RESTART_READS,
    READS,
    has_condition,
    last_restart,
    restarts_column,
    status_column,
)
from resolvers.kinds.leaves import Time
from resolvers.kinds.object import kind_of
from resolvers.links.fetching import Fetch
from resolvers.links.joining import ObjectName, controller, grouped, owner_uid, same
from resolvers.links.members import Family
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, collected, mapped
from resolvers.together import together

PODS = Family(kinds.POD)
_OWNERS = tuple(f"metadata.ownerReferences.{key}" for key in ("uid", "controller", "name", "kind", "apiVersion"))


@PODS.derived(
    "status.conditions.type",
    "status.conditions.status",
    description="True if the pod serves requests: its Ready condition is True.",
)
def ready(pod: Row) -> bool:
    """Returns whether the Ready condition is True."""
    return bool(pod.status) and has_condition(pod.status, "Ready")


@PODS.derived(*READS, description="Restarts of its containers, as in kubectl's RESTARTS column.")
def restarts(pod: Row) -> int:
    """Returns kubectl's RESTARTS."""
    return restarts_column(pod)


@PODS.derived(
    *LAST_RESTART_READS,
    description="The time of the last restart, whose age kubectl's RESTARTS column has (`3 (5m ago)`); null if there "
    "was none, or if its time is unknown.",
    name="lastRestart",
)
def restarted_at(pod: Row) -> Time | None:
    """Returns the time in kubectl's RESTARTS."""
    return last_restart(pod)


@PODS.derived(*READS, description="Its state in a word, as in kubectl's STATUS column (`CrashLoopBackOff`).")
def reason(pod: Row) -> str:
    """Returns kubectl's STATUS."""
    return status_column(pod)


@PODS.link(
    "spec.nodeName",
    to=kinds.NODE,
    description="Its node; null while it is not scheduled. If only the node's name is selected, no node is read.",
)
async def node(pods: Rows, fetch: Fetch) -> Sequence[Row | None]:
    """Reads nodes by name; if the query selects their names only, reads nothing."""
    names = await collected((cluster, None, pod.spec.nodeName or None if pod.spec else None) for cluster, pod in pods)
    nodes = await fetch.without_request(kinds.NODE, names)
    return nodes if nodes is not None else await fetch.named(kinds.NODE, names)


@PODS.link(*_OWNERS, to=kinds.REPLICA_SET, description="The replica set that controls it; null if there is none.")
async def replica_set(pods: Rows, fetch: Fetch) -> Sequence[Row | None]:
    """Reads replica sets by name and returns those with the uid of the reference."""
    references = await _references(pods.rows, kinds.REPLICA_SET)
    names = await _names(pods, references)
    return await same(references, await fetch.named(kinds.REPLICA_SET, names, "metadata.uid"))


@PODS.link(
    *_OWNERS,
    to=kinds.DEPLOYMENT,
    description="The deployment that controls its replica set; null for pods of other controllers.",
)
async def deployment(pods: Rows, fetch: Fetch) -> Sequence[Row | None]:
    """Reads replica sets, then their deployments; for many pods, reads both lists concurrently."""
    references = await _references(pods.rows, kinds.REPLICA_SET)
    if not fetch.has_few_parents:
        return await _listed_deployments(pods, references, fetch)
    names = await _names(pods, references)
    sets = await same(references, await fetch.named_steps(kinds.REPLICA_SET, names, "metadata.uid", *_OWNERS))
    owners = [_owner(replicas, kinds.DEPLOYMENT) if replicas is not None else None for replicas in sets]
    names = await _names(pods, owners)
    return await same(owners, await fetch.named(kinds.DEPLOYMENT, names, "metadata.uid"))


async def _listed_deployments(pods: Rows, references: Sequence[Row | None], fetch: Fetch) -> Sequence[Row | None]:
    if references.count(None) == len(references):
        return [None] * len(pods)
    others = replace(fetch, failures={}, answers={})
    sets, children = await together(
        fetch.steps(kinds.REPLICA_SET, "metadata.uid", *_OWNERS), others.children(kinds.DEPLOYMENT, "metadata.uid")
    )
    deployments = await grouped(children, lambda row: (row.metadata.uid,))
    deployment_of: dict[tuple[FleetCluster, str | None], str] = {}
    async for batch in batches(sets):
        owners = (((cluster, row.metadata.uid), owner_uid(row)) for cluster, row in batch)
        deployment_of.update((key, uid) for key, uid in owners if uid is not None)
    concerned = {cluster for cluster, _ in deployment_of} | fetch.failures.keys()
    fetch.failures.update({cluster: error for cluster, error in others.failures.items() if cluster in concerned})
    uids = ((cluster, deployment_of.get((cluster, owner_uid(pod)))) for cluster, pod in pods)
    return await collected(deployments.get((cluster, uid or ""), [None])[0] for cluster, uid in uids)


async def _references(rows: Sequence[Row], kind: Kind) -> list[Row | None]:
    return await mapped(lambda row: _owner(row, kind), rows)


def _owner(row: Row, kind: Kind) -> Row | None:
    """Returns the reference to the object's controller if that is of a kind; else None."""
    reference = controller(row)
    return reference if kind_of(reference) == kind else None


async def _names(pods: Rows, references: Sequence[Row | None]) -> list[ObjectName]:
    return await collected(
        (cluster, pod.metadata.namespace, reference.name if reference is not None else None)
        for (cluster, pod), reference in zip(pods, references, strict=True)
    )
