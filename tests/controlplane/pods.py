"""A plausible pod, about 5 KB of JSON as a server sends it, in one of the usual conditions of pods."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tests.controlplane.json_object import JsonObject, JsonValue

SIDECAR_IMAGE = "registry.example.com/proxy:2.4.1"
STARTED = "2026-01-01T00:00:00Z"
_CONDITIONS = ("PodScheduled", "Initialized", "ContainersReady", "Ready")


@dataclass(frozen=True)
class PodPlace:
    """The node and namespace of a pod."""

    node: str
    ip: str


@dataclass(frozen=True)
class _Outcome:
    """The condition of a pod."""

    phase: str
    state: JsonObject
    is_ready: bool = False
    restarts: int = 0
    is_scheduled: bool = True


_RUNNING: JsonObject = {"running": {"startedAt": STARTED}}
_BACK_OFF: JsonObject = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting"}}
_IMAGE: JsonObject = {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}
_OUTCOMES = (
    (91, _Outcome("Running", _RUNNING, is_ready=True)),
    (2, _Outcome("Running", _RUNNING, is_ready=True, restarts=3)),
    (2, _Outcome("Running", _BACK_OFF, restarts=41)),
    (1, _Outcome("Pending", _IMAGE)),
    (1, _Outcome("Pending", {}, is_scheduled=False)),
    (2, _Outcome("Succeeded", {"terminated": {"exitCode": 0, "reason": "Completed", "finishedAt": STARTED}})),
    (1, _Outcome("Failed", {"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": STARTED}})),
)
"""The distribution of a hundred pods."""


def pod(metadata: JsonObject, image: str, *, place: PodPlace, random: Random) -> JsonObject:
    """Returns a pod with spec and status; `random` decides its condition."""
    weights, outcomes = zip(*_OUTCOMES, strict=True)
    outcome = random.choices(outcomes, weights)[0]
    has_sidecar = random.random() < 0.25
    images = {"app": image, "proxy": SIDECAR_IMAGE} if has_sidecar else {"app": image}
    spec: JsonObject = {
        "containers": [_container(name, image) for name, image in images.items()],
        "volumes": [{"name": "config", "configMap": {"name": "settings"}}, {"name": "scratch", "emptyDir": {}}],
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "serviceAccountName": "default",
        "automountServiceAccountToken": False,
        "tolerations": [{"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute"}],
    }
    if outcome.is_scheduled:
        spec["nodeName"] = place.node
    status = _status(outcome, place, images=images)
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status}


def _container(name: str, image: str) -> JsonObject:
    environment: list[JsonValue] = [{"name": f"SETTING_{i}", "value": f"value-{i}"} for i in range(3)]
    return {
        "name": name,
        "image": image,
        "args": ["--listen=:8080", "--log-level=info"],
        "env": [*environment, {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
        "ports": [{"name": "http", "containerPort": 8080}],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"cpu": "500m", "memory": "256Mi"}},
        "readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 10},
        "volumeMounts": [
            {"name": "config", "mountPath": "/etc/app", "readOnly": True},
            {"name": "scratch", "mountPath": "/tmp"},  # noqa: S108 - a path in the pod
        ],
    }


def _status(outcome: _Outcome, place: PodPlace, *, images: dict[str, str]) -> JsonObject:
    conditions: list[JsonValue] = [_condition(kind, outcome) for kind in _CONDITIONS]
    status: JsonObject = {"phase": outcome.phase, "qosClass": "Burstable", "conditions": conditions}
    if outcome.is_scheduled:
        status |= {"hostIP": "10.0.0.1", "podIP": place.ip, "podIPs": [{"ip": place.ip}], "startTime": STARTED}
        status["containerStatuses"] = [
            _container_status(name, image, outcome=outcome) for name, image in images.items()
        ]
    return status


def _condition(kind: str, outcome: _Outcome) -> JsonObject:
    holds = {"PodScheduled": outcome.is_scheduled, "Initialized": outcome.is_scheduled}.get(kind, outcome.is_ready)
    condition: JsonObject = {"type": kind, "status": "True" if holds else "False", "lastTransitionTime": STARTED}
    if kind == "PodScheduled" and not holds:
        condition |= {"reason": "Unschedulable", "message": "0/20 nodes are available: 20 Insufficient cpu."}
    return condition


def _container_status(name: str, image: str, *, outcome: _Outcome) -> JsonObject:
    identity = f"{name}-{image}"
    return {
        "name": name,
        "image": image,
        "imageID": f"registry.example.com/{name}@sha256:{identity.encode().hex():0<64.64}",
        "containerID": f"containerd://{identity.encode().hex():0<64.64}",
        "ready": outcome.is_ready,
        "started": outcome.is_ready,
        "restartCount": outcome.restarts,
        "state": outcome.state,
    }
