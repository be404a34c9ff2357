"""The links of storage and of devices."""

from collections.abc import Iterator
from typing import Final

from tests.links.relation import (
    Json,
    Relation,
    World,
    at,
    by_name,
    by_place,
    chosen,
    labels,
    on_node,
    through,
)


def _can_use(capacity: Json, node: Json, _world: World) -> bool:
    return "nodeTopology" in capacity and chosen(capacity["nodeTopology"], labels(node))


def _affine(volume: Json, node: Json, _world: World) -> bool:
    terms = at(volume, "spec.nodeAffinity.required.nodeSelectorTerms")
    return any(chosen(term, labels(node)) for term in terms)


def _is_bound(volume: Json, claim: Json, world: World) -> bool:
    return by_place("spec.claimRef")(volume, claim, world)


def _storage() -> Iterator[Relation]:
    """Yields the links of storage."""
    for kind, path in (
        ("PersistentVolume", "spec.csi.driver"),
        ("StorageClass", "provisioner"),
        ("VolumeAttachment", "spec.attacher"),
        ("VolumeAttributesClass", "driverName"),
    ):
        back = f"{kind[0].lower()}{kind[1:]}{'es' if kind.endswith('s') else 's'}"
        yield Relation(f"{kind}.csiDriver", "CSIDriver", back, by_name(path))
    yield Relation("CSINode.csiDrivers", "CSIDriver", "csiNodes", by_name("spec.drivers.name"))
    yield Relation("CSINode.node", "Node", "csiNode", by_name("metadata.name"))
    yield Relation("CSIStorageCapacity.nodes", "Node", "csiStorageCapacities", _can_use)
    capacities = by_name("storageClassName")
    yield Relation("CSIStorageCapacity.storageClass", "StorageClass", "csiStorageCapacities", capacities)
    for kind in ("PersistentVolume", "PersistentVolumeClaim"):
        back = f"{kind[0].lower()}{kind[1:]}s"
        yield Relation(f"{kind}.storageClass", "StorageClass", back, by_name("spec.storageClassName"))
        attributes = by_name("spec.volumeAttributesClassName")
        yield Relation(f"{kind}.volumeAttributesClass", "VolumeAttributesClass", back, attributes)
    yield Relation("PersistentVolume.persistentVolumeClaim", "PersistentVolumeClaim", "", _is_bound)
    yield Relation("PersistentVolumeClaim.persistentVolume", "PersistentVolume", "", by_name("spec.volumeName"))
    yield Relation("PersistentVolume.nodes", "Node", "persistentVolumes", _affine)
    yield Relation("VolumeAttachment.node", "Node", "volumeAttachments", on_node)
    attached = by_name("spec.source.persistentVolumeName")
    yield Relation("VolumeAttachment.persistentVolume", "PersistentVolume", "volumeAttachments", attached)


_RESULTS: Final = "status.allocation.devices.results"


def _is_allocated(claim: Json, part: Json, _world: World) -> bool:
    spec = part["spec"]
    return any(
        (one["driver"], one["pool"]) == (spec["driver"], spec["pool"]["name"])
        and one["device"] in at(spec, "devices.name")
        for one in at(claim, _RESULTS)
    )


def _taints(rule: Json, part: Json, _world: World) -> bool:
    chosen_by, spec = rule["spec"]["deviceSelector"], part["spec"]
    return (
        chosen_by.get("driver", spec["driver"]) == spec["driver"]
        and chosen_by.get("pool", spec["pool"]["name"]) == spec["pool"]["name"]
        and any(chosen_by.get("device", device) == device for device in at(spec, "devices.name"))
    )


def _asks_for(request: Json, part: Json, _world: World) -> bool:
    asked, spec = request["spec"], part["spec"]
    return bool(
        asked["driver"] == spec["driver"] and asked.get("poolName", spec["pool"]["name"]) == spec["pool"]["name"]
    )


def _devices() -> Iterator[Relation]:
    """Yields the links of devices."""
    for kind, spec, back in (
        ("ResourceClaim", "spec", "resourceClaims"),
        ("ResourceClaimTemplate", "spec.spec", "resourceClaimTemplates"),
    ):
        requests = f"{spec}.devices.requests"
        classes = by_name(f"{requests}.exactly.deviceClassName", f"{requests}.firstAvailable.deviceClassName")
        yield Relation(f"{kind}.deviceClasses", "DeviceClass", back, classes)
    yield Relation("ResourceClaim.resourceSlices", "ResourceSlice", "resourceClaims", _is_allocated)
    yield Relation("ResourceClaim.nodes", "Node", "", through("ResourceSlice", _is_allocated, on_node))
    yield Relation("ResourceSlice.node", "Node", "resourceSlices", on_node)
    yield Relation("DeviceTaintRule.taintedSlices", "ResourceSlice", "deviceTaintRules", _taints)
    yield Relation("ResourcePoolStatusRequest.resourceSlices", "ResourceSlice", "resourcePoolStatusRequests", _asks_for)
    pools = by_name("status.pools.nodeName")
    yield Relation("ResourcePoolStatusRequest.nodes", "Node", "resourcePoolStatusRequests", pools)


STORAGE: Final = (*_storage(), *_devices())
