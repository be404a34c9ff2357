"""A cluster whose pods and nodes are measured: pods `web-0` ... of a Deployment, on two nodes."""

from collections.abc import Sequence

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.kinds.metrics import NODE_METRICS, POD_METRICS
from tests.controlplane.json_object import JsonObject
from tests.graph.senders import ObjectsSender

MEASURED_AT = "2026-11-30T14:21:48Z"
NAMESPACES = ("shop", "tools")


def measured_cluster(name: str, *, pods: int = 4, has_metrics: bool = True) -> ObjectsSender:
    """Returns a cluster with so many pods, by turns in two namespaces."""
    objects: dict[Kind, list[JsonObject]] = {
        kinds.POD: [_pod(number) for number in range(pods)],
        kinds.REPLICA_SET: [_controlled("ReplicaSet", space, "web-1", "Deployment", "web") for space in NAMESPACES],
        kinds.DEPLOYMENT: [_named("Deployment", space, "web") for space in NAMESPACES],
        kinds.NAMESPACE: [{"metadata": {"name": space}} for space in NAMESPACES],
        kinds.NODE: [_node(number) for number in range(2)],
        POD_METRICS: [_pod_metrics(number) for number in range(pods)],
        NODE_METRICS: [_node_metrics(number) for number in range(2)],
    }

    def of_kind(kind: Kind) -> Sequence[JsonObject]:
        return objects.get(kind, [])

    return ObjectsSender(name, of_kind, custom=(POD_METRICS, NODE_METRICS) if has_metrics else ())


def _place(number: int) -> JsonObject:
    return {"name": f"web-{number}", "namespace": NAMESPACES[number % 2], "uid": f"pod-{number}"}


def _pod(number: int) -> JsonObject:
    resources: JsonObject = {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}}
    return {
        "metadata": {**_place(number), "ownerReferences": [_controller("ReplicaSet", "web-1")]},
        "spec": {"containers": [{"name": "app", "resources": resources}, {"name": "proxy"}]},
        "status": {"phase": "Running"},
    }


def _pod_metrics(number: int) -> JsonObject:
    return {
        "metadata": {**_place(number), "creationTimestamp": MEASURED_AT},
        "timestamp": f"2026-11-30T14:21:{48 - number % 20}Z",
        "window": f"{15 + number % 20}.5s",
        "containers": [
            {"name": "app", "usage": {"cpu": f"{10_000_000 * (number + 1)}n", "memory": f"{1024 * (number + 1)}Ki"}},
            {"name": "proxy", "usage": {"cpu": "5m", "memory": "1Mi"}},
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
    return {"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": f"{kind}-{name}", "controller": True}
