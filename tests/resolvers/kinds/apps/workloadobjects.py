"""Workloads of each kind in a namespace of the living cluster, with what belongs to them, and the raw objects."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import aiohttp

from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.controlplane.writer import create_objects

NAMESPACE: Final = "workload-links"
_PATHS: Final = {
    **{f"/api/v1/namespaces/{NAMESPACE}/{plural}": plural for plural in ("pods", "services", "configmaps", "secrets")},
    f"/api/v1/namespaces/{NAMESPACE}/replicationcontrollers": "replicationcontrollers",
    **{
        f"/apis/apps/v1/namespaces/{NAMESPACE}/{plural}": plural
        for plural in ("deployments", "replicasets", "statefulsets", "daemonsets", "controllerrevisions")
    },
    **{f"/apis/batch/v1/namespaces/{NAMESPACE}/{plural}": plural for plural in ("jobs", "cronjobs")},
    f"/apis/policy/v1/namespaces/{NAMESPACE}/poddisruptionbudgets": "poddisruptionbudgets",
    f"/apis/autoscaling/v2/namespaces/{NAMESPACE}/horizontalpodautoscalers": "horizontalpodautoscalers",
}
_DEADLINE_S: Final = 60

Raw = Mapping[str, Sequence[Any]]
"""The objects of the namespace as the API server sends them, by plural."""


async def fill(cluster: Cluster) -> Raw:
    """Creates the workloads, rolls out a second template, and returns all objects once the pods are there."""
    await create_objects(cluster, [*_objects()])
    async with connect(cluster) as session:
        await _until(session, lambda raw: _pods_of(raw, "web") == 2)
        image = {"spec": {"template": {"spec": {"containers": [{"name": "app", "image": "example.com/app:2"}]}}}}
        path = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/web"
        headers = {"Content-Type": "application/strategic-merge-patch+json"}
        async with session.patch(path, data=json.dumps(image), headers=headers) as response:
            assert response.ok, await response.text()
        return await _until(session, _is_settled)


async def _until(session: aiohttp.ClientSession, is_there: Any) -> Raw:
    async with asyncio.timeout(_DEADLINE_S):
        raw = await _read(session)
        while not is_there(raw):
            await asyncio.sleep(0.1)
            raw = await _read(session)
    return raw


async def _read(session: aiohttp.ClientSession) -> Raw:
    async def items(path: str) -> Sequence[Any]:
        async with session.get(path) as response:
            found: Sequence[Any] = (await response.json())["items"]
            return found

    return dict(zip(_PATHS.values(), await asyncio.gather(*map(items, _PATHS)), strict=True))


def _pods_of(raw: Raw, app: str) -> int:
    return sum(pod["metadata"]["labels"].get("app") == app for pod in raw["pods"])


def _is_settled(raw: Raw) -> bool:
    """Returns whether all pods run or have ended, and the old ones of the deployment are gone."""
    [web] = raw["deployments"]
    status = web["status"]
    counts = {app: _pods_of(raw, app) for app in ("web", "bare", "old", "db")}
    return (
        counts == {"web": 2, "bare": 1, "old": 1, "db": 2}
        and len(raw["replicasets"]) == 3
        and status.get("observedGeneration") == web["metadata"]["generation"] == 2
        and status.get("replicas") == status.get("updatedReplicas") == status.get("availableReplicas") == 2
        and not any("deletionTimestamp" in pod["metadata"] for pod in raw["pods"])
        and _pods_of(raw, "agent") > 0
        and _pods_of(raw, "once") > 0
        and all(pod["spec"].get("nodeName") for pod in raw["pods"])
        and len(raw["jobs"]) >= 1
        and len(raw["controllerrevisions"]) == 2
    )


def _objects() -> Sequence[JsonObject]:
    target: JsonObject = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    gone: JsonObject = {"apiVersion": "example.com/v1", "kind": "Rollout", "name": "canary"}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        _object("v1", "ConfigMap", "settings"),
        _object("v1", "ConfigMap", "unused"),
        _object("v1", "Secret", "token"),
        _object("v1", "ServiceAccount", "worker"),
        _object("v1", "Service", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80}]}),
        _object("v1", "Service", "db", spec={"clusterIP": "None", "selector": {"app": "db"}}),
        _object("v1", "Service", "nothing", spec={"ports": [{"port": 80}]}),
        _object("policy/v1", "PodDisruptionBudget", "some", spec={"selector": _expression(), "minAvailable": 1}),
        _object("policy/v1", "PodDisruptionBudget", "every", spec={"selector": {}, "maxUnavailable": "50%"}),
        _object("policy/v1", "PodDisruptionBudget", "none", spec={"maxUnavailable": 1}),
        _object("networking.k8s.io/v1", "NetworkPolicy", "web", spec={"podSelector": {"matchLabels": {"app": "web"}}}),
        _object("apps/v1", "Deployment", "web", spec=_spec("web", replicas=2)),
        _object("apps/v1", "ReplicaSet", "bare", spec=_spec("bare")),
        _object("v1", "ReplicationController", "old", spec={"selector": {"app": "old"}, "template": _template("old")}),
        _object("apps/v1", "StatefulSet", "db", spec=_spec("db", replicas=2, serviceName="db")),
        _object("apps/v1", "DaemonSet", "agent", spec=_spec("agent")),
        _object("batch/v1", "Job", "once", spec={"template": _template("once", restartPolicy="Never")}),
        _object("autoscaling/v2", "HorizontalPodAutoscaler", "web", spec={"scaleTargetRef": target, "maxReplicas": 3}),
        _object("autoscaling/v2", "HorizontalPodAutoscaler", "lost", spec={"scaleTargetRef": gone, "maxReplicas": 3}),
    ]


def _expression() -> JsonObject:
    return {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "db"]}]}


def _spec(app: str, **more: JsonValue) -> JsonObject:
    return {"selector": {"matchLabels": {"app": app}}, "template": _template(app), **more}


def _template(app: str, **more: JsonValue) -> JsonObject:
    environment: list[JsonValue] = [
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "token", "key": "a", "optional": True}}}
    ]
    container: JsonObject = {
        "name": "app",
        "image": "example.com/app:1",
        "env": environment,
        "envFrom": [{"configMapRef": {"name": "settings"}}, {"configMapRef": {"name": "gone", "optional": True}}],
    }
    account: JsonObject = {"serviceAccountName": "worker", "automountServiceAccountToken": False}
    spec: JsonObject = {"containers": [container], **account, **more}
    return {"metadata": {"labels": {"app": app}}, "spec": spec}


def _object(api_version: str, kind: str, name: str, **parts: JsonValue) -> JsonObject:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": NAMESPACE}, **parts}
