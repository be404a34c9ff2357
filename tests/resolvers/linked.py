"""A cluster with owners of every kind, and its objects as the API server sends them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject
from tests.controlplane.objects import FleetSize, generate
from tests.controlplane.writer import create_objects

PREFIX = "links"
SIZE = FleetSize(namespaces=3, nodes=4, deployments=7, pods=40)
NAMESPACE = f"{PREFIX}-000"
LABELS: JsonObject = {"app": "owned"}
GONE_UID = "00000000-0000-4000-8000-000000000000"

Json = Any
"""Objects as the API server sends them."""


@dataclass(frozen=True)
class ClusterObjects:
    """All objects of some kinds of one cluster, by plural; each list ordered by `namespace/name`, as API servers do."""

    cluster: str
    lists: Mapping[str, Sequence[Json]]

    def of(self, plural: str) -> Sequence[Json]:
        """Returns the objects of a kind."""
        return self.lists[plural]

    def named(self, plural: str, name: str | None) -> Json | None:
        """Returns the cluster-scoped object of a name."""
        return next((item for item in self.of(plural) if item["metadata"]["name"] == name), None)

    def owner(self, owned: Json, plural: str) -> Json | None:
        """Returns the object of a kind that controls another."""
        uids = [item["uid"] for item in owned["metadata"].get("ownerReferences", []) if item.get("controller")]
        return next((item for item in self.of(plural) if item["metadata"]["uid"] in uids), None)


async def fill(cluster: Cluster, seed: int) -> None:
    """Writes deployments with pods, and a pod for every other kind of owner."""
    await create_objects(cluster, [*generate(SIZE, seed, prefix=PREFIX), *_owners(), *_owned()])


async def read_objects(cluster: Cluster) -> ClusterObjects:
    """Reads the objects from the API server itself."""
    paths = {
        "pods": "/api/v1/pods",
        "nodes": "/api/v1/nodes",
        "namespaces": "/api/v1/namespaces",
        "replicasets": "/apis/apps/v1/replicasets",
        "deployments": "/apis/apps/v1/deployments",
        "daemonsets": "/apis/apps/v1/daemonsets",
        "statefulsets": "/apis/apps/v1/statefulsets",
        "jobs": "/apis/batch/v1/jobs",
    }
    async with connect(cluster) as session:

        async def ask(path: str) -> Sequence[Json]:
            async with session.get(path) as response:
                items = msgspec.json.decode(await response.read())["items"]
            return sorted(items, key=lambda item: "/".join(place(item)))

        lists = await asyncio.gather(*map(ask, paths.values()))
    return ClusterObjects(cluster.name, dict(zip(paths, lists, strict=True)))


def place(item: Json) -> tuple[str, str]:
    """Returns the position of an object in its list."""
    return item["metadata"].get("namespace", ""), item["metadata"]["name"]


def _owners() -> list[JsonObject]:
    selector: JsonObject = {"matchLabels": LABELS}
    template: JsonObject = {"metadata": {"labels": LABELS}, "spec": _pod_spec()}
    job: JsonObject = {"metadata": {"labels": LABELS}, "spec": _pod_spec() | {"restartPolicy": "Never"}}
    return [
        _object("apps/v1", "DaemonSet", "agent", spec={"selector": selector, "template": template}),
        _object("apps/v1", "StatefulSet", "db", spec={"selector": selector, "serviceName": "db", "template": template}),
        _object("apps/v1", "ReplicaSet", "bare", spec={"selector": selector, "template": template}),
        _object("batch/v1", "Job", "once", spec={"template": job}),
    ]


def _owned() -> list[JsonObject]:
    node: JsonObject = {"apiVersion": "v1", "kind": "Node", "name": f"{PREFIX}-node-000", "controller": True}
    gone: JsonObject = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "gone", "uid": GONE_UID}
    custom: JsonObject = {"apiVersion": "example.com/v1", "kind": "Rollout", "name": "canary", "uid": GONE_UID}
    owners: dict[str, JsonObject] = {
        "agent-1": {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "agent", "controller": True},
        "db-0": {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "db", "controller": True},
        "bare-1": {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "bare", "controller": True},
        "once-1": {"apiVersion": "batch/v1", "kind": "Job", "name": "once", "controller": True},
        "mirror-1": node | {"uid": GONE_UID},
        "orphan-1": gone | {"controller": True},
        "canary-1": custom | {"controller": True},
        "uncontrolled-1": {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "bare"},
    }
    return [_pod("alone-1", []), *(_pod(name, [owner]) for name, owner in owners.items())]


def _pod(name: str, owners: list[JsonObject]) -> JsonObject:
    return _object("v1", "Pod", name, spec=_pod_spec(), ownerReferences=[*owners])


def _pod_spec() -> JsonObject:
    return {"containers": [{"name": "app", "image": "example.com/app:1"}], "automountServiceAccountToken": False}


def _object(api_version: str, kind: str, name: str, *, spec: JsonObject, **metadata: Any) -> JsonObject:
    named: JsonObject = {"name": name, "namespace": NAMESPACE, "labels": LABELS, **metadata}
    return {"apiVersion": api_version, "kind": kind, "metadata": named, "spec": spec}
