"""Nodes, in every state that the printer tells apart."""

from datetime import datetime
from typing import Any, Final

from k8s.kinds import builtin as kinds
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.printed.cells import AGE, NONE, UNKNOWN, field
from tests.printed.entry import Printed, manifest

_INFO: Final[JsonObject] = dict.fromkeys(
    (
        *("machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "containerRuntimeVersion"),
        *("kubeletVersion", "operatingSystem", "architecture"),
    ),
    "",
)
_KNOWN: Final[JsonObject] = _INFO | {
    "kernelVersion": "6.12.0-1",
    "osImage": "Made-up Linux 12",
    "containerRuntimeVersion": "containerd://2.1.4",
    "kubeletVersion": "v1.37.2",
    "architecture": "arm64",
}
_ROLES: Final[JsonObject] = {
    "node-role.kubernetes.io/b": "",
    "node-role.kubernetes.io/a": "x",
    "kubernetes.io/role": "c",
}
_ADDRESSES: Final[list[JsonValue]] = [
    {"type": "Hostname", "address": "one"},
    {"type": "InternalIP", "address": "10.0.0.1"},
    {"type": "InternalIP", "address": "fd00::1"},
    {"type": "ExternalIP", "address": "203.0.113.1"},
]


def _conditions(*statuses: str) -> list[JsonValue]:
    ready: list[JsonValue] = [{"type": "Ready", "status": status} for status in statuses]
    return [{"type": "MemoryPressure", "status": "True"}, *ready]


def _node(
    name: str, *statuses: str, labels: "JsonObject | None" = None, is_cordoned: bool = False, **status: JsonValue
) -> JsonObject:
    told: JsonObject = {"conditions": _conditions(*statuses), "nodeInfo": _INFO}
    spec: JsonObject = {"unschedulable": True} if is_cordoned else {}
    return manifest(name, metadata={"labels": labels or {}}, spec=spec, status=told | status)


def _kernel(node: Any, _now: datetime) -> str:
    info = (node["status"] or {}).get("nodeInfo") or {}
    architecture = info.get("architecture")
    return (info.get("kernelVersion") or UNKNOWN) + (f" ({architecture})" if architecture else "")


PRINTED = (
    Printed(
        kinds.NODE,
        objects=(
            _node("ready", "True", addresses=_ADDRESSES, nodeInfo=_KNOWN),
            _node("not-ready", "False", labels={"kubernetes.io/role": "gpu"}),
            _node("lost", "Unknown", labels={"kubernetes.io/role": ""}),
            _node("silent", nodeInfo=_INFO | {"architecture": "amd64"}),
            _node(
                "cordoned",
                "True",
                is_cordoned=True,
                labels={"node-role.kubernetes.io/b": "", "kubernetes.io/role": "a"},
            ),
            _node("cordoned-not-ready", "False", is_cordoned=True),
            _node("cordoned-silent", is_cordoned=True),
            _node("contradicting", "True", "False"),
            _node("agreeing", "False", "True", addresses=[{"type": "InternalIP", "address": ""}]),
        ),
        selection="""state roles version internalIP externalIP
            status { nodeInfo { osImage kernelVersion containerRuntimeVersion architecture } }""",
        cells={
            "Status": field("state"),
            "Roles": lambda node, _now: ",".join(node["roles"]) or NONE,
            "Age": AGE,
            "Version": field("version", empty=""),
            "Internal-IP": lambda node, _now: NONE if node["internalIP"] is None else node["internalIP"],
            "External-IP": lambda node, _now: NONE if node["externalIP"] is None else node["externalIP"],
            "OS-Image": field("status.nodeInfo.osImage", empty=UNKNOWN),
            "Kernel-Version": _kernel,
            "Container-Runtime": field("status.nodeInfo.containerRuntimeVersion", empty=UNKNOWN),
        },
    ),
)
