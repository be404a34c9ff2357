"""What a pod has beyond its Kubernetes fields."""

import asyncio
from collections.abc import Sequence

from k8s import kinds
from k8s.decoding import Row
from resolvers.fetching import Fetch, by_name, grouped, owner_uid
from resolvers.members import Family
from resolvers.pacing import taken
from resolvers.podstatus import READS, has_condition, restarts_column, status_column
from resolvers.rows import Rows

PODS = Family(kinds.POD)
_OWNERS = ("metadata.ownerReferences.uid", "metadata.ownerReferences.controller")


@PODS.derived(
    "status.conditions.type",
    "status.conditions.status",
    description="Whether the pod serves requests: its Ready condition is True.",
)
def ready(pod: Row) -> bool:
    """The Ready condition."""
    return bool(pod.status) and has_condition(pod.status, "Ready")


@PODS.derived(*READS, description="Restarts of its containers, as kubectl's RESTARTS column counts them.")
def restarts(pod: Row) -> int:
    """Kubectl's RESTARTS."""
    return restarts_column(pod)


@PODS.derived(*READS, description="The state in a word, as kubectl's STATUS column shows it (`CrashLoopBackOff`).")
def reason(pod: Row) -> str:
    """Kubectl's STATUS."""
    return status_column(pod)


@PODS.link("spec.nodeName", to=kinds.NODE, description="The node that it is bound to; null while it is not scheduled.")
async def node(pods: Rows, fetch: Fetch) -> Sequence[Row | None]:
    """Nodes by name."""
    nodes = await fetch.children(kinds.NODE)
    return await by_name(nodes, ((cluster, None, pod.spec.nodeName if pod.spec else None) for cluster, pod in pods))


@PODS.link(*_OWNERS, to=kinds.REPLICA_SET, description="The replica set that controls it; null if none does.")
async def replica_set(pods: Rows, fetch: Fetch) -> Sequence[Row | None]:
    """Replica sets by uid."""
    return await _owners(pods, await fetch.children(kinds.REPLICA_SET, "metadata.uid"))


@PODS.link(
    *_OWNERS,
    to=kinds.DEPLOYMENT,
    description="The deployment that controls its replica set; null for pods of anything else.",
)
async def deployment(pods: Rows, fetch: Fetch) -> Sequence[Row | None]:
    """From a pod to its replica set to that one's deployment."""
    sets, children = await asyncio.gather(
        fetch.steps(kinds.REPLICA_SET, "metadata.uid", *_OWNERS), fetch.children(kinds.DEPLOYMENT, "metadata.uid")
    )
    deployments = await grouped(children, lambda row: (row.metadata.uid,))
    deployment_of = {(cluster, row.metadata.uid): owner_uid(row) for cluster, row in sets}
    uids = ((cluster, deployment_of.get((cluster, owner_uid(pod)))) for cluster, pod in pods)
    return await taken(deployments.get((cluster, uid or ""), [None])[0] for cluster, uid in uids)


async def _owners(pods: Rows, owners: Rows) -> Sequence[Row | None]:
    found = {(cluster, row.metadata.uid): row for cluster, row in owners}
    return await taken(found.get((cluster, owner_uid(pod))) for cluster, pod in pods)
