"""Members of nodes beyond their Kubernetes fields."""

from collections.abc import Sequence

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.core.podstatus import has_condition
from resolvers.kinds.longlists import items_of
from resolvers.kinds.resources import NodeResources, stated_resources
from resolvers.links.fetching import Fetch
from resolvers.links.joining import grouped, is_selectable
from resolvers.links.members import Family, Shape
from resolvers.lists.rows import Rows
from resolvers.pacing import collected

NODES = Family(kinds.NODE)
_ADDRESSES = ("status.addresses.type", "status.addresses.address")
_ROLE_PREFIX = "node-role.kubernetes.io/"
_ROLE_LABEL = "kubernetes.io/role"


@NODES.derived("status.conditions.type", "status.conditions.status", description="True if its Ready condition is True.")
def ready(node: Row) -> bool:
    """Returns whether the Ready condition is True."""
    return bool(node.status) and has_condition(node.status, "Ready")


@NODES.derived(
    "spec.unschedulable",
    "status.conditions.type",
    "status.conditions.status",
    description="Its state as in kubectl's STATUS column: Ready, NotReady, or Unknown without a Ready condition; with "
    "`,SchedulingDisabled` behind it while the node is cordoned.",
)
def state(node: Row) -> str:
    """Returns kubectl's STATUS.

    Source: `printNode` in kubernetes/pkg/printers/internalversion/printers.go.
    """
    conditions = items_of(node.status.conditions if node.status else None)
    statuses = [one.status for one in conditions if one.type == "Ready"]
    word = ("Ready" if statuses[-1] == "True" else "NotReady") if statuses else "Unknown"
    return f"{word},SchedulingDisabled" if node.spec and node.spec.unschedulable else word


@NODES.derived(
    "status.conditions.type",
    "status.conditions.status",
    description="The types of its other conditions that are True: MemoryPressure, DiskPressure, PIDPressure, "
    "NetworkUnavailable, and those that others report. Healthy nodes have none.",
)
def pressures(node: Row) -> list[str]:
    """Returns the types of the conditions, each once, in their order."""
    conditions = items_of(node.status.conditions if node.status else None)
    return [*dict.fromkeys(one.type for one in conditions if one.status == "True" and one.type not in {"Ready", None})]


@NODES.derived(
    "spec.taints.key",
    "spec.taints.value",
    "spec.taints.effect",
    description="Its taints as `kubectl describe node` prints them: `key=value:Effect`; without a value `key:Effect`.",
)
def taints(node: Row) -> list[str]:
    """Returns the texts of the taints.

    Source: `Taint.ToString` in k8s.io/api/core/v1/taint.go.
    """
    return [_taint(taint) for taint in items_of(node.spec.taints if node.spec else None)]


@NODES.derived(
    "status.nodeInfo.kubeletVersion", description="The version of its kubelet, as in kubectl's VERSION column."
)
def version(node: Row) -> str | None:
    """Returns kubectl's VERSION."""
    info = node.status and node.status.nodeInfo
    return (info.kubeletVersion or None) if info else None


@NODES.derived(*_ADDRESSES, description="Its first address of type InternalIP.", name="internalIP")
def internal_ip(node: Row) -> str | None:
    """Returns the InternalIP."""
    return _address(node, "InternalIP")


@NODES.derived(*_ADDRESSES, description="Its first address of type ExternalIP.", name="externalIP")
def external_ip(node: Row) -> str | None:
    """Returns the ExternalIP."""
    return _address(node, "ExternalIP")


@NODES.derived(
    "metadata.labels", description="Its roles, sorted, as kubectl's ROLES column shows them; empty for a plain worker."
)
def roles(node: Row) -> list[str]:
    """Returns the roles of the labels `node-role.kubernetes.io/<role>` and `kubernetes.io/role`."""
    labels = node.metadata.labels or {}
    names = {key.removeprefix(_ROLE_PREFIX) for key in labels if key.startswith(_ROLE_PREFIX)}
    names.add(labels.get(_ROLE_LABEL, ""))
    return sorted(names - {""})


@NODES.derived("status.capacity", description="The node's resources.")
def capacity(node: Row) -> NodeResources:
    """Returns the resources of status.capacity."""
    return stated_resources(node.status and node.status.capacity)


@NODES.derived("status.allocatable", description="The resources that the node offers to pods.")
def allocatable(node: Row) -> NodeResources:
    """Returns the resources of status.allocatable."""
    return stated_resources(node.status and node.status.allocatable)


@NODES.link("metadata.name", to=kinds.POD, shape=Shape.MANY, description="The pods that are bound to it.")
async def pods(nodes: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads pods by node name, which API servers select by."""
    names = [node.metadata.name for node in nodes.rows]
    if fetch.has_few_parents and all(map(is_selectable, names)):
        selectors = [f"spec.nodeName={name}" for name in names]
        lists = await fetch.selected(kinds.POD, selectors, "spec.nodeName", namespaces=[None] * len(names))
        return [
            [pod for pod in candidates if pod.spec and pod.spec.nodeName == name]
            for name, candidates in zip(names, lists, strict=True)
        ]
    children = await grouped(
        await fetch.children(kinds.POD, "spec.nodeName"), lambda pod: (pod.spec.nodeName if pod.spec else None,)
    )
    return await collected(children.get((cluster, node.metadata.name), []) for cluster, node in nodes)


def _address(node: Row, address_type: str) -> str | None:
    addresses = items_of(node.status.addresses if node.status else None)
    return next((str(one.address or "") for one in addresses if one.type == address_type), None)


def _taint(taint: Row) -> str:
    key, value, effect = taint.key or "", taint.value or "", taint.effect or ""
    if not effect:
        return f"{key}={value}:" if value else key
    return f"{key}={value}:{effect}" if value else f"{key}:{effect}"
