"""A cluster whose pods and nodes are measured: pods `web-0` ... of a Deployment, on two nodes."""

from collections.abc import Sequence

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.kinds.metrics import NODE_METRICS, POD_METRICS
from tests.controlplane.json_object import JsonObject
from tests.graph.senders import ObjectsSender

MEASURED_AT = "2026-11-30T14:21:48Z"
NAMESPACES = ("shop", "tools")

_KINDS = {kind.name: kind for kind in (kinds.DEPLOYMENT, kinds.REPLICA_SET, kinds.JOB, kinds.CRON_JOB)}


def measured_cluster(
    name: str,
    *,
    pods: int = 4,
    has_metrics: bool = True,
    containers: int = 2,
    controllers: tuple[str, str | None] = ("Deployment", "ReplicaSet"),
) -> ObjectsSender:
    """Returns a cluster with so many pods, by turns in two namespaces.

    Args:
        name: its name.
        pods: the number of pods.
        has_metrics: whether it serves metrics.
        containers: the number of containers of each pod.
        controllers: the kind that controls the pods, and the kind through which it does; None for directly.
    """
    outer, between = controllers
    inner = _controller(between, "web-1") if between is not None else _controller(outer, "web")
    sidecars = ["proxy", *(f"sidecar-{number}" for number in range(containers - 2))]
    objects: dict[Kind, list[JsonObject]] = {
        kinds.POD: [_pod(number, inner, sidecars) for number in range(pods)],
        _KINDS[outer]: [_named(outer, space, "web") for space in NAMESPACES],
        kinds.NAMESPACE: [{"metadata": {"name": space}} for space in NAMESPACES],
        kinds.NODE: [_node(number) for number in range(2)],
        POD_METRICS: [_pod_metrics(number, sidecars) for number in range(pods)],
        NODE_METRICS: [_node_metrics(number) for number in range(2)],
    }
    if between is not None:
        objects[_KINDS[between]] = [_controlled(between, space, "web-1", outer, "web") for space in NAMESPACES]

    def of_kind(kind: Kind) -> Sequence[JsonObject]:
        return objects.get(kind, [])

    return ObjectsSender(name, of_kind, custom=(POD_METRICS, NODE_METRICS) if has_metrics else ())


def _place(number: int) -> JsonObject:
    return {"name": f"web-{number}", "namespace": NAMESPACES[number % 2], "uid": f"pod-{number}"}


def _pod(number: int, owner: JsonObject, sidecars: Sequence[str]) -> JsonObject:
    others: list[JsonObject] = [{"name": name} for name in sidecars]
    resources: JsonObject = {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}}
    return {
        "metadata": {**_place(number), "ownerReferences": [owner]},
        "spec": {"containers": [{"name": "app", "resources": resources}, *others]},
        "status": {"phase": "Running"},
    }


def _pod_metrics(number: int, sidecars: Sequence[str]) -> JsonObject:
    others: list[JsonObject] = [{"name": name, "usage": {"cpu": "5m", "memory": "1Mi"}} for name in sidecars]
    used: JsonObject = {"cpu": f"{10_000_000 * (number + 1)}n", "memory": f"{1024 * (number + 1)}Ki"}
    return {
        "metadata": {**_place(number), "creationTimestamp": MEASURED_AT},
        "timestamp": f"2026-11-30T14:21:{48 - number % 20}Z",
        "window": f"{15 + number % 20}.5s",
        "containers": [
            {"name": "app", "usage": used},
            *others,
        ],
    }


def _node(number: int) -> JsonObject:
    return {"metadata": {"name": f"node-{number}"}, "status": {"allocatable": {"cpu": "2", "memory": "4Gi"}}}


def _node_metrics(number: int) -> JsonObject:
    usage: JsonObject = {"cpu": f"{500_000_000 * (number + 1)}n", "memory": f"{1024**2 * (number + 1)}Ki"}
    return {"metadata": {"name": f"node-{number}"}, "timestamp": MEASURED_AT, "window": "10s", "usage": usage}


def _named(kind: str, namespace: str, name: str) -> JsonObject:
    return {"metadata": {"name": name, "namespace": namespace, "uid": f"{kind}-{name}"}}


def _controlled(kind: str, namespace: str, name: str, owner: str, owner_name: str) -> JsonObject:
    metadata: JsonObject = {"name": name, "namespace": namespace, "uid": f"{kind}-{name}"}
    return {"metadata": {**metadata, "ownerReferences": [_controller(owner, owner_name)]}}


def _controller(kind: str, name: str) -> JsonObject:
    return {
        "apiVersion": _KINDS[kind].api_version,
        "kind": kind,
        "name": name,
        "uid": f"{kind}-{name}",
        "controller": True,
    }
