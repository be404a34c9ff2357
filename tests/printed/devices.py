"""Devices: claims, slices, taints and pools."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from k8s.kinds import builtin as kinds
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.printed.cells import AGE, NONE, field, since
from tests.printed.entry import Printed, manifest

_REQUESTS: Final[JsonObject] = {
    "devices": {"requests": [{"name": "gpu", "exactly": {"deviceClassName": "printed-gpu"}}]}
}
_ALLOCATION: Final[JsonObject] = {
    "devices": {
        "results": [{"request": "gpu", "driver": "gpu.example.com", "pool": "worker", "device": "gpu-0"}],
    }
}
_RESERVED: Final[JsonObject] = {"resource": "pods", "name": "web", "uid": "11111111-1111-4111-8111-111111111111"}
_TIME: Final = "2026-01-01T00:00:00Z"


def _claim(name: str, *, is_deleted: bool = False, **status: JsonValue) -> JsonObject:
    metadata: JsonObject = {"deletionTimestamp": _TIME} if is_deleted else {}
    return manifest(name, metadata=metadata, spec=_REQUESTS, status=status)


def _slice(name: str, **spec: JsonValue) -> JsonObject:
    pool: JsonObject = {"name": name, "generation": 1, "resourceSliceCount": 1}
    return manifest(f"printed-{name}", spec={"driver": "gpu.example.com", "pool": pool, "devices": [], **spec})


def _taint(name: str, **taint: JsonValue) -> JsonObject:
    common: JsonObject = {"key": "example.com/broken", "effect": "NoSchedule"}
    selector: JsonObject = {"driver": "gpu.example.com"}
    return manifest(f"printed-{name}", spec={"deviceSelector": selector, "taint": common | taint})


def _added(rule: Any, now: datetime) -> str:
    time = rule["spec"]["taint"]["timeAdded"]
    return since(time, now) if time else ""


def _pools(*pools: JsonObject, condition: str | None = None, count: int | None = None) -> JsonObject:
    status: JsonObject = {"pools": [*pools], "poolCount": len(pools) if count is None else count}
    if condition is not None:
        status["conditions"] = [
            {"type": condition, "status": "True", "reason": "R", "message": "M", "lastTransitionTime": _TIME}
        ]
    return status


def _pool(name: str, **parts: JsonValue) -> JsonObject:
    common: JsonObject = {"driver": "gpu.example.com", "poolName": name, "generation": 1, "resourceSliceCount": 1}
    return common | parts


_COUNTED: Final[JsonObject] = {
    "totalDevices": 8,
    "availableDevices": 4,
    "allocatedDevices": 3,
    "unavailableDevices": 1,
}


def _status_request(name: str, status: JsonObject | None = None) -> JsonObject:
    request = manifest(f"printed-{name}", spec={"driver": "gpu.example.com"})
    return request if status is None else {**request, "status": status}


def _count(name: str) -> Any:
    def cell(request: Any, _now: datetime) -> str:
        counts = request["deviceCounts"]
        return "-" if counts is None else str(counts[name])

    return cell


PRINTED = (
    Printed(
        kinds.DEVICE_CLASS,
        objects=(manifest("printed-gpu", spec={}),),
        selection="kind",
        cells={"Age": AGE},
    ),
    Printed(
        kinds.RESOURCE_CLAIM,
        objects=(
            _claim("waiting"),
            _claim("allocated", allocation=_ALLOCATION),
            _claim("reserved", allocation=_ALLOCATION, reservedFor=[_RESERVED]),
            _claim("deleted", is_deleted=True),
            _claim("deleted-allocated", is_deleted=True, allocation=_ALLOCATION, reservedFor=[_RESERVED]),
        ),
        selection="state",
        cells={"State": field("state"), "Age": AGE},
    ),
    Printed(
        kinds.RESOURCE_CLAIM_TEMPLATE,
        objects=(manifest("one", spec={"spec": _REQUESTS}),),
        selection="kind",
        cells={"Age": AGE},
    ),
    Printed(
        kinds.RESOURCE_SLICE,
        objects=(_slice("worker", nodeName="worker"), _slice("shared", allNodes=True)),
        selection="spec { nodeName driver pool { name } }",
        cells={
            "Node": field("spec.nodeName", empty=""),
            "Driver": field("spec.driver"),
            "Pool": field("spec.pool.name"),
            "Age": AGE,
        },
    ),
    Printed(
        kinds.DEVICE_TAINT_RULE,
        objects=(_taint("plain"), _taint("valued", value="yes", effect="NoExecute", timeAdded=_TIME)),
        selection="spec { taint { key value effect timeAdded } }",
        cells={
            "Key": field("spec.taint.key"),
            "Value": field("spec.taint.value", empty=""),
            "Effect": field("spec.taint.effect"),
            "TimeAdded": _added,
            "Age": AGE,
        },
    ),
    Printed(
        kinds.RESOURCE_POOL_STATUS_REQUEST,
        objects=(
            _status_request("waiting"),
            _status_request("whole", _pools(_pool("a", **_COUNTED), _pool("b", **_COUNTED), condition="Complete")),
            _status_request("cut", _pools(_pool("a", **_COUNTED), condition="Complete", count=5)),
            _status_request("invalid", _pools(_pool("a", validationError="broken"), condition="Complete")),
            _status_request("failed", _pools(condition="Failed")),
        ),
        selection="state completedAt spec { driver } status { poolCount } "
        "deviceCounts { total available allocated unavailable invalidPools }",
        cells={
            "Driver": field("spec.driver"),
            "Total": _count("total"),
            "Available": _count("available"),
            "Allocated": _count("allocated"),
            "Unavailable": _count("unavailable"),
            "Errors": _count("invalidPools"),
            "Pools": field("status.poolCount", empty=0),
            "Status": field("state"),
            "Completed": lambda one, now: since(one["completedAt"], now) if one["completedAt"] else NONE,
        },
        is_patched=True,
    ),
)
