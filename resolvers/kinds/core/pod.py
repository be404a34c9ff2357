"""Members of pods beyond their Kubernetes fields."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.core import podresources
from resolvers.kinds.core.containerstate import END_READS, PodTermination, latest_end
from resolvers.kinds.core.podstatus import (
    LAST_RESTART_READS,
    READS,
    READY_READS,
    has_condition,
    last_restart,
    ready_column,
    restarts_column,
    sidecars,
    status_column,
)
from resolvers.kinds.core.usualpods import limits_of, requests_of
from resolvers.kinds.leaves import Time
from resolvers.kinds.longlists import items_of
from resolvers.kinds.resources import Resources
from resolvers.links.fetching import Fetch
from resolvers.links.members import Family
from resolvers.lists.rows import Rows
from resolvers.pacing import collected

PODS = Family(kinds.POD)


@PODS.derived(
    "status.conditions.type",
    "status.conditions.status",
    description="True if the pod serves requests: its Ready condition is True.",
)
def ready(pod: Row) -> bool:
    """Returns whether the Ready condition is True."""
    return bool(pod.status) and has_condition(pod.status, "Ready")


@PODS.derived(
    *READY_READS,
    description="The containers and sidecars that are ready, as in kubectl's READY column (the 1 of `1/2`).",
)
def ready_containers(pod: Row) -> int:
    """Returns the first number of kubectl's READY."""
    return ready_column(pod)


@PODS.derived(
    "spec.containers.name",
    "spec.initContainers.name",
    "spec.initContainers.restartPolicy",
    description="Its containers and sidecars, as in kubectl's READY column (the 2 of `1/2`).",
)
def total_containers(pod: Row) -> int:
    """Returns the second number of kubectl's READY."""
    return len(pod.spec.containers or ()) + len(sidecars(pod)) if pod.spec else 0


class PodReadinessGates(Struct, frozen=True):
    """The conditions that its readiness gates name, as in kubectl's READINESS GATES column (`1/2`)."""

    ready: Annotated[int, Meta(description="Those that are True.")]
    total: Annotated[int, Meta(description="All that its spec names.")]


@PODS.derived(
    "spec.readinessGates.conditionType",
    "status.conditions.type",
    "status.conditions.status",
    description="The conditions beyond its containers that must be True before it is ready; null if there are none.",
)
def readiness_gates(pod: Row) -> PodReadinessGates | None:
    """Returns the counts of kubectl's READINESS GATES."""
    gates = items_of(pod.spec.readinessGates if pod.spec else None)
    if not gates:
        return None
    conditions = items_of(pod.status.conditions if pod.status else None)
    statuses = {one.type: one.status for one in reversed(conditions)}  # the first of a type counts
    return PodReadinessGates(sum(1 for gate in gates if statuses.get(gate.conditionType) == "True"), len(gates))


@PODS.derived(*READS, description="Restarts of its containers, as in kubectl's RESTARTS column.")
def restarts(pod: Row) -> int:
    """Returns kubectl's RESTARTS."""
    return restarts_column(pod)


@PODS.derived(
    *LAST_RESTART_READS,
    description="The time of the last restart, whose age kubectl's RESTARTS column has (`3 (5m ago)`); null if there "
    "was none, or if its time is unknown.",
    name="lastRestartAt",
)
def restarted_at(pod: Row) -> Time | None:
    """Returns the time in kubectl's RESTARTS."""
    return last_restart(pod)


@PODS.derived(*READS, description="Its state in a word, as in kubectl's STATUS column (`CrashLoopBackOff`).")
def reason(pod: Row) -> str:
    """Returns kubectl's STATUS."""
    return status_column(pod)


@PODS.derived(
    *podresources.REQUEST_READS,
    description="Its requests, as `kubectl describe node` counts them: the larger of each init container and the sum "
    "of the others, with sidecars, overhead and the pod's own resources; while it is resized, the largest of the new, "
    "the allocated and the actual ones. A resource that nothing requests is null, where kubectl prints 0.",
)
def requests(pod: Row) -> Resources:
    """Returns kubectl's CPU Requests and Memory Requests."""
    return requests_of(pod)


@PODS.derived(
    *podresources.LIMIT_READS,
    description="Its limits, counted as `requests` are. A resource that no container limits is null, where kubectl "
    "prints 0; if only some containers have a limit, it is the sum of theirs.",
)
def limits(pod: Row) -> Resources:
    """Returns kubectl's CPU Limits and Memory Limits."""
    return limits_of(pod)


@PODS.derived(
    *END_READS,
    description="The latest end of a run of its containers, such as its last crash: of an earlier run, or of one that "
    "was not started again; null if there was none. After a crash, `exitCode` is above 0. Completed init containers "
    "and ephemeral ones do not count.",
)
def last_termination(pod: Row) -> PodTermination | None:
    """Returns the latest end."""
    return latest_end(pod.status)


@PODS.derived(
    "status.qosClass", description="Its quality of service: Guaranteed, Burstable or BestEffort; null if unknown."
)
def qos(pod: Row) -> str | None:
    """Returns the class, which API servers fill in."""
    return (pod.status.qosClass or None) if pod.status else None


@PODS.derived(
    "spec.priority", description="Its priority, by which it is scheduled and others are evicted for it; 0 by default."
)
def priority(pod: Row) -> int:
    """Returns the number of its spec."""
    return (pod.spec.priority or 0) if pod.spec else 0


@PODS.derived(
    "spec.containers.image",
    "spec.initContainers.image",
    "spec.ephemeralContainers.image",
    description="The images of its containers, init and ephemeral ones included, each once.",
)
def images(pod: Row) -> list[str]:
    """Returns the images of its spec."""
    spec = pod.spec
    lists = (spec.initContainers, spec.containers, spec.ephemeralContainers) if spec else ()
    return [*dict.fromkeys(one.image for containers in lists for one in items_of(containers) if one.image)]


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
