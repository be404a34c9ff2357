"""Pods, in every state that the printer tells apart."""

from datetime import datetime
from typing import Any, Final

from k8s.kinds import builtin as kinds
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.printed.cells import AGE, NONE, field, since
from tests.printed.entry import Printed, manifest
from tests.resolvers.podstates import STATES, PodState, container, waiting

_RESTARTED: Final[JsonObject] = {
    "name": "app-0",
    "image": "app",
    "imageID": "",
    "ready": True,
    "restartCount": 3,
    "state": {"running": {}},
    "lastState": {"terminated": {"exitCode": 1, "finishedAt": "2026-01-01T00:00:00Z"}},
}
_GATES: Final[list[JsonValue]] = [{"conditionType": f"example.com/{name}"} for name in ("open", "shut", "absent")]
_PLACED: Final[JsonObject] = {
    "conditions": [{"type": "example.com/open", "status": "True"}, {"type": "example.com/shut", "status": "False"}],
    "containerStatuses": [_RESTARTED],
    "podIP": "10.0.0.7",
    "podIPs": [{"ip": "10.0.0.7"}, {"ip": "fd00::7"}],
    "phase": "Running",
}
_NOMINATED: Final[JsonObject] = {"nominatedNodeName": "elsewhere", "phase": "Pending"}


def _pod(name: str, state: PodState) -> JsonObject:
    deleted: JsonObject = {"deletionTimestamp": "2026-01-01T00:00:00Z"} if state.is_deleted else {}
    return manifest(name, metadata=deleted, spec=state.spec, status=state.pod_status)


def _placed() -> JsonObject:
    spec = PodState("Running", containers=(container({}),)).spec
    return manifest("placed", spec=spec | {"nodeName": "somewhere", "readinessGates": _GATES}, status=_PLACED)


def _gated() -> JsonObject:
    spec = PodState("Pending", containers=(container(waiting("ContainerCreating")),)).spec
    return manifest("gates-unknown", spec=spec | {"readinessGates": _GATES}, status=_NOMINATED)


def _restarts(pod: Any, now: datetime) -> str:
    ago = f" ({since(pod['lastRestartAt'], now)} ago)" if pod["lastRestartAt"] else ""
    return f"{pod['restarts']}{ago}"


def _gates(pod: Any, _now: datetime) -> str:
    gates = pod["readinessGates"]
    return f"{gates['ready']}/{gates['total']}" if gates else NONE


def _address(pod: Any, _now: datetime) -> str:
    addresses = pod["status"]["podIPs"]
    return str(addresses[0]["ip"]) if addresses else NONE


PRINTED = (
    Printed(
        kinds.POD,
        objects=(*(_pod(name, state) for name, state in STATES.items()), _placed(), _gated()),
        selection="""readyContainers totalContainers reason restarts lastRestartAt readinessGates { ready total }
            spec { nodeName } status { nominatedNodeName podIPs { ip } }""",
        cells={
            "Ready": lambda pod, _now: f"{pod['readyContainers']}/{pod['totalContainers']}",
            "Status": field("reason"),
            "Restarts": _restarts,
            "Age": AGE,
            "IP": _address,
            "Node": field("spec.nodeName", empty=NONE),
            "Nominated Node": field("status.nominatedNodeName", empty=NONE),
            "Readiness Gates": _gates,
        },
    ),
)
