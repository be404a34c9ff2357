"""Containers of pods beside `kubectl describe pods` for the same ones."""

import asyncio
import re
import subprocess
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final

import pytest

from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.controlplane.writer import create_objects
from tests.faults.fleets import TestFleet
from tests.resolvers.podstates import STATES

pytestmark = pytest.mark.controlplane

NAMESPACE: Final = "poddescribed"
_SHOWN: Final = ("running", "crash-looping", "signal", "waiting-without-reason", "init-exit-code", "sidecar-started")
_LINE: Final = re.compile(r"( *)([A-Z][A-Za-z ]*):(?: +(.*))?")
_QUERY: Final = f"""{{ pods(clusters: {{names: ["alpha"]}}, namespaces: ["{NAMESPACE}"]) {{ nodes {{ name containers {{
    name image ready restarts state {{ phase reason message exitCode signal since }}
    lastTermination {{ reason message exitCode signal at startedAt }} probes {{ liveness readiness startup }}
}} }} }} }}"""

Described = Mapping[str, str]
"""The lines of a container that are compared, those of its state and last state with their heading in front."""


async def test_kubectl_describes_the_same(
    newest_kubectl: Path, alpha: Cluster, real_fleet: TestFleet, tmp_path: Path
) -> None:
    await create_objects(alpha, _objects())

    kubeconfig = write_kubeconfig(tmp_path / "k", [alpha])
    text = await asyncio.to_thread(_described, newest_kubectl, kubeconfig)
    reply = await real_fleet.ask(_QUERY)

    ours = {
        (pod["name"], one["name"]): dict(_ours(one)) for pod in reply.data["pods"]["nodes"] for one in pod["containers"]
    }
    assert ours == _parsed(text)
    assert len(ours) == 12


def _objects() -> list[JsonObject]:
    states = {name: (STATES[name].spec, STATES[name].pod_status) for name in _SHOWN}
    pods = {**states, "probed": (_probed(), _ended())}
    namespace: JsonObject = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    return [namespace, *(_pod(name, spec, status) for name, (spec, status) in pods.items())]


def _pod(name: str, spec: JsonObject, status: JsonObject) -> JsonObject:
    metadata: JsonObject = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status}


def _probed() -> JsonObject:
    get: JsonObject = {"port": 8080, "path": "/health check?a=b&c", "scheme": "HTTPS"}
    probes: list[JsonObject] = [
        {
            "livenessProbe": {"httpGet": get, "periodSeconds": 7},
            "startupProbe": {"exec": {"command": ["sh", "-c", "a b"]}},
        },
        {"readinessProbe": {"tcpSocket": {"port": "web", "host": "::1"}, "initialDelaySeconds": 5}},
        {
            "livenessProbe": {"grpc": {"port": 9, "service": "s"}},
            "startupProbe": {"httpGet": {"port": "web", "host": "h"}},
        },
        {"readinessProbe": {"httpGet": {"port": 80, "host": "fd00::1", "path": "plain"}}},
    ]
    ports: list[JsonValue] = [{"name": "web", "containerPort": 80}]
    return {
        "automountServiceAccountToken": False,
        "containers": [
            {"name": f"c-{place}", "image": "example.com/app:1", "ports": ports, **one}
            for place, one in enumerate(probes)
        ],
    }


def _ended() -> JsonObject:
    ended: JsonObject = {
        "exitCode": 137,
        "signal": 9,
        "reason": "OOMKilled",
        "message": "too much",
        "startedAt": "2026-01-01T00:00:00Z",
        "finishedAt": "2026-01-02T03:04:05Z",
    }
    status: JsonObject = {"name": "c-1", "image": "a", "imageID": "", "restartCount": 3, "ready": True}
    return {
        "phase": "Running",
        "containerStatuses": [
            {**status, "state": {"running": {"startedAt": "2026-01-03T00:00:00Z"}}, "lastState": {"terminated": ended}},
            {**status, "name": "c-2", "state": {"terminated": ended}},
        ],
    }


def _described(kubectl: Path, kubeconfig: Path) -> str:
    command = [str(kubectl), f"--kubeconfig={kubeconfig}", "--context=alpha", "describe", "pods", f"-n={NAMESPACE}"]
    return subprocess.run([*command, "--show-events=false"], capture_output=True, text=True, check=True).stdout


def _parsed(text: str) -> Mapping[tuple[str, str], Described]:
    """Returns the lines of each container, by the names of pod and container."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    pod, heading, is_within, lines = "", "", False, dict[str, str]()
    for line in text.splitlines():
        if line.startswith("Name: "):
            pod = line.split()[1]
        elif line[:1].strip():
            is_within = line.endswith("ontainers:")
        elif is_within and re.fullmatch(r"  [a-z0-9-]+:", line):
            lines = found[pod, line.strip(" :")] = {}
        elif is_within and (match := _LINE.fullmatch(line)) is not None:
            is_heading, key, value = len(match[1]) == 4, match[2], match[3] or ""
            heading = key if is_heading else heading
            if heading in _COMPARED:
                lines[key if is_heading else f"{heading}.{key}"] = value.strip()
    for lines in found.values():
        if lines.get("State") == "Terminated":
            del lines["State.Started"]  # `state` has the end only
    return found


_PROBES: Final = {"Liveness": "liveness", "Readiness": "readiness", "Startup": "startup"}
_COMPARED: Final = {"Image", "State", "Last State", "Ready", "Restart Count", *_PROBES}


def _ours(one: Any) -> Iterator[tuple[str, str]]:
    yield "Image", one["image"]
    state, last = one["state"], one["lastTermination"]
    if state is not None:
        yield "State", state["phase"].capitalize()
        yield from _end("State", state, state["phase"])
    if last is not None:
        yield "Last State", "Terminated"
        yield from _end("Last State", last | {"since": last["at"]}, "TERMINATED")
        yield "Last State.Started", _time(last["startedAt"])
    if state is not None:
        yield "Ready", str(one["ready"])
        yield "Restart Count", str(one["restarts"])
    yield from ((key, text) for key, name in _PROBES.items() if (text := one["probes"][name]) is not None)


def _end(heading: str, state: Any, phase: str) -> Iterator[tuple[str, str]]:
    if state["reason"]:
        yield f"{heading}.Reason", state["reason"]
    if phase == "RUNNING":
        yield f"{heading}.Started", _time(state["since"])
    if phase != "TERMINATED":
        return
    if state["message"]:
        yield f"{heading}.Message", state["message"]
    yield f"{heading}.Exit Code", str(state["exitCode"])
    if state["signal"]:
        yield f"{heading}.Signal", str(state["signal"])
    yield f"{heading}.Finished", _time(state["since"])


def _time(text: str | None) -> str:
    return format_datetime(datetime.fromisoformat(text or "0001-01-01T00:00:00Z"))
