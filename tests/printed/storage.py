"""Kinds of storage: volumes and claims, their classes, and CSI kinds."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from k8s.kinds import builtin as kinds
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.printed.cells import AGE, CREATED_AT, NONE, UNSET, field
from tests.printed.entry import Printed, manifest

_DELETED: Final[JsonObject] = {"deletionTimestamp": "2026-01-01T00:00:00Z"}
_OLD_CLASS: Final[JsonObject] = {"annotations": {"volume.beta.kubernetes.io/storage-class": "printed-old"}}
_MODES: Final[list[JsonValue]] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce"]
_NO_METADATA: Final[Mapping[str, JsonValue]] = MappingProxyType({})
_DISK: Final[JsonObject] = {"driver": "disks.example.com", "volumeHandle": "1"}


def _volume(
    name: str,
    *,
    metadata: Mapping[str, JsonValue] = _NO_METADATA,
    status: Mapping[str, JsonValue] = _NO_METADATA,
    **spec: JsonValue,
) -> JsonObject:
    base: JsonObject = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "csi": _DISK}
    return manifest(name, metadata=metadata, spec={**base, **spec}, status={**status})


_VOLUMES: Final = (
    _volume("printed-plain"),
    _volume("printed-modes", accessModes=_MODES, capacity={"storage": "1500M"}),
    _volume("printed-pod", accessModes=["ReadWriteOncePod"], capacity={"storage": "0.5Ti"}),
    _volume("printed-classes", storageClassName="fast", volumeAttributesClassName="gold", volumeMode="Block"),
    _volume("printed-old-class", metadata=_OLD_CLASS, storageClassName="fast"),
    _volume("printed-failed", status={"phase": "Failed", "reason": "Gone", "message": "It is gone."}),
    _volume(
        "printed-released",
        persistentVolumeReclaimPolicy="Delete",
        claimRef={"namespace": "shop", "name": "data", "uid": "1"},
        status={"phase": "Released"},
    ),
    _volume("printed-deleted", metadata=_DELETED, status={"phase": "Available"}),
)


def _claim(
    name: str,
    *,
    metadata: Mapping[str, JsonValue] = _NO_METADATA,
    status: Mapping[str, JsonValue] = _NO_METADATA,
    **spec: JsonValue,
) -> JsonObject:
    base: JsonObject = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return manifest(name, metadata=metadata, spec={**base, **spec}, status={**status})


_BOUND: Final[JsonObject] = {"phase": "Bound", "accessModes": _MODES, "capacity": {"storage": "2Gi"}}
_CLAIMS: Final = (
    _claim("pending", storageClassName=""),
    _claim("bound", volumeName="printed-plain", status=_BOUND, storageClassName="fast"),
    _claim("unbound-with-capacity", status=_BOUND, storageClassName="fast"),
    _claim("bound-without-capacity", volumeName="printed-plain", storageClassName="fast", status={"phase": "Lost"}),
    _claim("old-class", metadata=_OLD_CLASS),
    _claim("block", volumeMode="Block", volumeAttributesClassName="gold", storageClassName="fast"),
    _claim("deleted", metadata=_DELETED, status=_BOUND, volumeName="printed-plain", storageClassName="fast"),
)


def _class(name: str, annotation: str | None = None, **parts: JsonValue) -> JsonObject:
    annotations: JsonObject = {f"storageclass.{annotation}kubernetes.io/is-default-class": "true"}
    metadata: JsonObject = {"annotations": annotations if annotation is not None else {}}
    return manifest(name, metadata=metadata, provisioner="disks.example.com", **parts)


def _class_name(answer: Any, _now: datetime) -> str:
    return f"{answer['name']} (default)" if answer["isDefault"] else str(answer["name"])


def _claim_name(volume: Any, _now: datetime) -> str:
    claim = volume["spec"]["claimRef"]
    return f"{claim['namespace']}/{claim['name']}" if claim else ""


def _claim_capacity(claim: Any, _now: datetime) -> str:
    return (claim["capacity"] or "0") if claim["spec"]["volumeName"] else ""


def _driver(name: str, **spec: JsonValue) -> JsonObject:
    return manifest(f"{name}.printed.example.com", spec=spec)


def _audiences(driver: Any, _now: datetime) -> str:
    requests = driver["spec"]["tokenRequests"]
    return UNSET if requests is None else ",".join(one["audience"] for one in requests)


PRINTED: Final = (
    Printed(
        kinds.STORAGE_CLASS,
        objects=(
            _class("printed-b", ""),
            _class("printed-a", "beta."),
            _class(
                "printed-c", reclaimPolicy="Retain", volumeBindingMode="WaitForFirstConsumer", allowVolumeExpansion=True
            ),
        ),
        selection="isDefault provisioner reclaimPolicy volumeBindingMode allowVolumeExpansion",
        cells={
            "Name": _class_name,
            "Provisioner": field("provisioner"),
            "ReclaimPolicy": field("reclaimPolicy"),
            "VolumeBindingMode": field("volumeBindingMode"),
            "AllowVolumeExpansion": lambda one, _now: bool(one["allowVolumeExpansion"]),
            "Age": AGE,
        },
    ),
    Printed(
        kinds.VOLUME_ATTRIBUTES_CLASS,
        objects=(manifest("printed-gold", driverName="disks.example.com", parameters={"iops": "9"}),),
        selection="driverName",
        cells={"DriverName": field("driverName"), "Age": AGE},
    ),
    Printed(
        kinds.PERSISTENT_VOLUME,
        objects=_VOLUMES,
        selection="""phase capacity accessModes storageClassName status { reason } spec { persistentVolumeReclaimPolicy
            claimRef { namespace name } volumeAttributesClassName volumeMode }""",
        cells={
            "Capacity": field("capacity", empty="0"),
            "Access Modes": lambda one, _now: ",".join(one["accessModes"]),
            "Reclaim Policy": field("spec.persistentVolumeReclaimPolicy"),
            "Status": field("phase", empty=""),
            "Claim": _claim_name,
            "StorageClass": field("storageClassName", empty=""),
            "VolumeAttributesClass": field("spec.volumeAttributesClassName", empty=UNSET),
            "Reason": field("status.reason", empty=""),
            "Age": AGE,
            "VolumeMode": field("spec.volumeMode", empty=UNSET),
        },
    ),
    Printed(
        kinds.PERSISTENT_VOLUME_CLAIM,
        objects=_CLAIMS,
        selection="""phase capacity accessModes storageClassName
            spec { volumeName volumeAttributesClassName volumeMode }""",
        cells={
            "Status": field("phase", empty=""),
            "Volume": field("spec.volumeName", empty=""),
            "Capacity": _claim_capacity,
            "Access Modes": lambda one, _now: ",".join(one["accessModes"]),
            "StorageClass": field("storageClassName", empty=""),
            "VolumeAttributesClass": field("spec.volumeAttributesClassName", empty=UNSET),
            "Age": AGE,
            "VolumeMode": field("spec.volumeMode", empty=UNSET),
        },
    ),
    Printed(
        kinds.VOLUME_ATTACHMENT,
        objects=tuple(
            manifest(
                f"printed-{volume}",
                spec={
                    "attacher": "disks.example.com",
                    "nodeName": "printed",
                    "source": {"persistentVolumeName": volume},
                },
                status={"attached": is_attached},
            )
            for volume, is_attached in (("attached", True), ("waiting", False))
        ),
        selection="spec { attacher nodeName source { persistentVolumeName } } status { attached }",
        cells={
            "Attacher": field("spec.attacher"),
            "PV": field("spec.source.persistentVolumeName", empty=""),
            "Node": field("spec.nodeName"),
            "Attached": lambda one, _now: bool(one["status"] and one["status"]["attached"]),
            "Age": AGE,
        },
    ),
    Printed(
        kinds.CSI_NODE,
        objects=(
            manifest("printed-none", spec={"drivers": []}),
            manifest(
                "printed-two",
                spec={"drivers": [{"name": f"{name}.example.com", "nodeID": "1"} for name in ("one", "two")]},
            ),
        ),
        selection="driverNames",
        cells={"Drivers": lambda one, _now: len(one["driverNames"]), "Age": AGE},
    ),
    Printed(
        kinds.CSI_DRIVER,
        objects=(
            _driver("plain"),
            _driver(
                "all",
                attachRequired=False,
                podInfoOnMount=True,
                storageCapacity=True,
                tokenRequests=[{"audience": "one"}, {"audience": "two"}],
                requiresRepublish=True,
                volumeLifecycleModes=["Persistent", "Ephemeral"],
            ),
            _driver("no-tokens", tokenRequests=[]),
        ),
        selection="""spec { attachRequired podInfoOnMount storageCapacity tokenRequests { audience } requiresRepublish
            volumeLifecycleModes }""",
        cells={
            "AttachRequired": lambda one, _now: one["spec"]["attachRequired"] is not False,
            "PodInfoOnMount": lambda one, _now: bool(one["spec"]["podInfoOnMount"]),
            "StorageCapacity": lambda one, _now: bool(one["spec"]["storageCapacity"]),
            "TokenRequests": _audiences,
            "RequiresRepublish": lambda one, _now: bool(one["spec"]["requiresRepublish"]),
            "Modes": lambda one, _now: ",".join(one["spec"]["volumeLifecycleModes"] or []) or NONE,
            "Age": AGE,
        },
    ),
    Printed(
        kinds.CSI_STORAGE_CAPACITY,
        objects=(
            manifest("unknown", storageClassName="fast"),
            manifest("known", storageClassName="fast", capacity="1500M"),
        ),
        selection="",
        cells={"Created At": CREATED_AT},
    ),
)
