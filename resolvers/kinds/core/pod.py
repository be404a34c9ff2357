"""Members of pods beyond their Kubernetes fields."""

from collections.abc import Sequence
from dataclasses import replace

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.core import podresources
from resolvers.kinds.core.podstatus import (
    LAST_RESTART_READS,
    READS,
    has_condition,
    last_restart,
    restarts_column,
    status_column,
)
from resolvers.kinds.leaves import Time
from resolvers.kinds.resources import Resources, resources
from resolvers.links.fetching import Fetch
from resolvers.links.members import Family
from resolvers.links.owners import REFERENCES, UID, OwnerKey, by_own_key, owner_key, owner_keys, owners, owners_of
from resolvers.links.owning import Owning, add_owner
from resolvers.lists.rows import Rows
from resolvers.pacing import collected
from resolvers.together import together

PODS = Family(kinds.POD)


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


@PODS.derived(
    *podresources.READS,
    description="Its requests, as `kubectl describe node` counts them: the larger of each init container and the sum "
    "of the others, with sidecars, overhead and the pod's own resources; while it is resized, the largest of the new, "
    "the allocated and the actual ones. A resource that nothing requests is null, where kubectl prints 0.",
)
def requests(pod: Row) -> Resources:
    """Returns kubectl's CPU Requests and Memory Requests."""
    return resources(podresources.pod_requests(pod))


@PODS.derived(
    *podresources.READS,
    description="Its limits, counted as `requests` are. A resource that no container limits is null, where kubectl "
    "prints 0; if only some containers have a limit, it is the sum of theirs.",
)
def limits(pod: Row) -> Resources:
    """Returns kubectl's CPU Limits and Memory Limits."""
    return resources(podresources.pod_limits(pod))


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


add_owner(
    PODS,
    Owning(kinds.REPLICA_SET, kinds.POD),
    description="The replica set that controls it; null if there is none.",
)


@PODS.link(
    *REFERENCES,
    to=kinds.DEPLOYMENT,
    description="The deployment that controls its replica set; null for pods of other controllers.",
)
async def deployment(pods: Rows, fetch: Fetch) -> Sequence[Row | None]:
    """Reads replica sets, then their deployments; for many pods, reads both lists concurrently."""
    set_keys = await owner_keys(pods, kinds.REPLICA_SET)
    if not fetch.has_few_parents:
        return await _listed_deployments(set_keys, fetch)
    sets = await owners(fetch.named_steps, pods.clusters, kinds.REPLICA_SET, keys=set_keys, reads=REFERENCES)
    keys = [
        owner_key(cluster, replicas, kinds.DEPLOYMENT) if replicas is not None else None
        for cluster, replicas in zip(pods.clusters, sets, strict=True)
    ]
    return await owners(fetch.named, pods.clusters, kinds.DEPLOYMENT, keys=keys)


async def _listed_deployments(set_keys: Sequence[OwnerKey | None], fetch: Fetch) -> Sequence[Row | None]:
    if set_keys.count(None) == len(set_keys):
        return [None] * len(set_keys)
    others = replace(fetch, failures={}, answers={})
    sets, children = await together(
        fetch.steps(kinds.REPLICA_SET, UID, *REFERENCES), others.children(kinds.DEPLOYMENT, UID)
    )
    deployments = await by_own_key(children, kinds.DEPLOYMENT)
    deployment_of = await owners_of(sets, kinds.REPLICA_SET, kinds.DEPLOYMENT)
    concerned = {cluster for cluster, *_ in deployment_of} | fetch.failures.keys()
    fetch.failures.update({cluster: error for cluster, error in others.failures.items() if cluster in concerned})
    keys = (deployment_of.get(key) if key is not None else None for key in set_keys)
    return await collected(deployments.get(key) if key is not None else None for key in keys)
