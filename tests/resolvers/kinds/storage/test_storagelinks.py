"""Links of volumes, claims, their classes and CSI kinds of a real cluster, beside its raw objects."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from itertools import groupby
from types import MappingProxyType

import pytest

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.controlplane.writer import create_objects
from tests.faults.fleets import TestFleet
from tests.resolvers.kinds.linkreading import Expected, Json, RawObjects, check_links, delete, namespace_of, read_raw

pytestmark = pytest.mark.controlplane

HOME, OTHER = "disks", "disksets"
DRIVER = "disks.example.com"
GONE_UID = "00000000-0000-4000-8000-000000000000"
DEFAULT: JsonObject = {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}
OLD_DEFAULT = "storageclass.beta.kubernetes.io/is-default-class"
_ANNOTATED = {OLD_DEFAULT, "storageclass.kubernetes.io/is-default-class"}
OLD_CLASS = "volume.beta.kubernetes.io/storage-class"
STORAGE_V1 = "storage.k8s.io/v1"
STORAGE = "/apis/storage.k8s.io/v1"
PATHS = {
    "pods": "/api/v1/pods",
    "nodes": "/api/v1/nodes",
    "persistentvolumes": "/api/v1/persistentvolumes",
    "persistentvolumeclaims": "/api/v1/persistentvolumeclaims",
    "statefulsets": "/apis/apps/v1/statefulsets",
    "storageclasses": f"{STORAGE}/storageclasses",
    "volumeattributesclasses": f"{STORAGE}/volumeattributesclasses",
    "volumeattachments": f"{STORAGE}/volumeattachments",
    "csidrivers": f"{STORAGE}/csidrivers",
    "csinodes": f"{STORAGE}/csinodes",
    "csistoragecapacities": f"{STORAGE}/csistoragecapacities",
}


@pytest.fixture(scope="module")
async def raw(alpha: Cluster) -> AsyncIterator[RawObjects]:
    """The objects of the cluster, with volumes of every sort among them."""
    objects = _objects()
    uids = await create_objects(alpha, objects)
    bound = next(one.uid for one in uids if (one.kind, one.name) == ("PersistentVolumeClaim", "bound"))
    await create_objects(alpha, _volumes(bound))
    yield await read_raw(alpha, PATHS)
    ours = [one for one in objects if str(one["apiVersion"]).startswith("storage") and one["kind"] in PLURALS]
    await delete(alpha, *(f"{PATHS[PLURALS[str(one['kind'])]]}/{_name(one)}" for one in ours))


PLURALS = {
    "StorageClass": "storageclasses",
    "VolumeAttachment": "volumeattachments",
    "CSIDriver": "csidrivers",
    "CSINode": "csinodes",
}
"""The kinds of the whole cluster that are deleted in the end: a default class, for one, changes others' claims."""


def _name(item: Json) -> str:
    name: str = item["metadata"]["name"]
    return name


def _names(kind: str, *path: str) -> Expected:
    """Returns the object of a kind that the value at a path names."""

    def named(item: Json, raw: RawObjects) -> list[Json]:
        value = item
        for step in path:
            value = value.get(step, {})
        return [*raw.named(kind, value or None)]

    return named


def _naming(kind: str, forward: Expected) -> Expected:
    """Returns the objects of a kind from which a link leads to an object."""
    return lambda item, raw: raw.where(kind, lambda one: item in forward(one, raw))


def _claim(volume: Json, raw: RawObjects) -> list[Json]:
    reference = volume["spec"].get("claimRef") or {}
    named = raw.named("persistentvolumeclaims", reference.get("name"), reference.get("namespace"))
    return [claim for claim in named if reference.get("uid") in (None, claim["metadata"]["uid"])]


def _class(item: Json, raw: RawObjects) -> list[Json]:
    annotated = item["metadata"].get("annotations", {}).get(OLD_CLASS)
    return [*raw.named("storageclasses", annotated or item["spec"].get("storageClassName"))]


def _nodes(volume: Json, raw: RawObjects) -> list[Json]:
    """Reads the operators that the volumes of this module use."""
    terms = volume["spec"].get("nodeAffinity", {}).get("required", {}).get("nodeSelectorTerms", [])
    matches: Mapping[str, Callable[[Json, Json], bool]] = {
        "In": lambda value, values: value in values,
        "NotIn": lambda value, values: value not in values,
        "Exists": lambda value, _: value is not None,
        "DoesNotExist": lambda value, _: value is None,
        "Gt": lambda value, values: value is not None and int(value) > int(values[0]),
    }
    return [
        node
        for node in raw.of("nodes")
        if any(
            all(
                matches[one["operator"]](node["metadata"].get("labels", {}).get(one["key"]), one.get("values"))
                for one in term.get("matchExpressions", [])
            )
            and all(_name(node) in one["values"] for one in term.get("matchFields", []))
            for term in terms
        )
    ]


def _claims(pod: Json, raw: RawObjects) -> list[Json]:
    names = [
        volume["persistentVolumeClaim"]["claimName"]
        if "persistentVolumeClaim" in volume
        else f"{_name(pod)}-{volume['name']}"
        for volume in pod["spec"].get("volumes", [])
        if "persistentVolumeClaim" in volume or "ephemeral" in volume
    ]
    return [*raw.every("persistentvolumeclaims", names, namespace_of(pod))]


def _made(stateful_set: Json, raw: RawObjects) -> list[Json]:
    templates = [template["metadata"]["name"] for template in stateful_set["spec"].get("volumeClaimTemplates", [])]
    made = "|".join(f"{template}-{_name(stateful_set)}" for template in templates)
    pattern = re.compile(rf"(?:{made})-(?:0|[1-9]\d*)")
    return [
        claim
        for claim in raw.of("persistentvolumeclaims")
        if namespace_of(claim) == namespace_of(stateful_set) and pattern.fullmatch(_name(claim))
    ]


def _reaching(capacity: Json, raw: RawObjects) -> list[Json]:
    topology = capacity.get("nodeTopology")
    if topology is None:
        return []
    labels = topology.get("matchLabels", {})
    return [*raw.where("nodes", lambda one: labels.items() <= one["metadata"].get("labels", {}).items())]


def _drivers(csi_node: Json, raw: RawObjects) -> list[Json]:
    return [*raw.every("csidrivers", [one["name"] for one in csi_node["spec"]["drivers"] or []])]


_attributes = _names("volumeattributesclasses", "spec", "volumeAttributesClassName")
_volume = _names("persistentvolumes", "spec", "volumeName")
_driver = _names("csidrivers", "spec", "csi", "driver")
_attached = _names("persistentvolumes", "spec", "source", "persistentVolumeName")
_attaching = _names("nodes", "spec", "nodeName")
_attacher = _names("csidrivers", "spec", "attacher")
_provisioner = _names("csidrivers", "provisioner")
_attributes_driver = _names("csidrivers", "driverName")
_capacity_class = _names("storageclasses", "storageClassName")
_same_node = _names("nodes", "metadata", "name")

LINKS: Mapping[Kind, Mapping[str, Expected]] = {
    kinds.PERSISTENT_VOLUME: {
        "persistentVolumeClaim": _claim,
        "storageClass": _class,
        "volumeAttributesClass": _attributes,
        "csiDriver": _driver,
        "nodes": _nodes,
        "volumeAttachments": _naming("volumeattachments", _attached),
    },
    kinds.PERSISTENT_VOLUME_CLAIM: {
        "persistentVolume": _volume,
        "storageClass": _class,
        "volumeAttributesClass": _attributes,
        "pods": _naming("pods", _claims),
        "statefulSet": _naming("statefulsets", _made),
    },
    kinds.STATEFUL_SET: {"persistentVolumeClaims": _made},
    kinds.POD: {"persistentVolumeClaims": _claims},
    kinds.STORAGE_CLASS: {
        "persistentVolumes": _naming("persistentvolumes", _class),
        "persistentVolumeClaims": _naming("persistentvolumeclaims", _class),
        "csiDriver": _provisioner,
        "csiStorageCapacities": _naming("csistoragecapacities", _capacity_class),
    },
    kinds.VOLUME_ATTRIBUTES_CLASS: {
        "persistentVolumes": _naming("persistentvolumes", _attributes),
        "persistentVolumeClaims": _naming("persistentvolumeclaims", _attributes),
        "csiDriver": _attributes_driver,
    },
    kinds.VOLUME_ATTACHMENT: {"persistentVolume": _attached, "node": _attaching, "csiDriver": _attacher},
    kinds.CSI_DRIVER: {
        "csiNodes": _naming("csinodes", _drivers),
        "persistentVolumes": _naming("persistentvolumes", _driver),
        "volumeAttachments": _naming("volumeattachments", _attacher),
        "storageClasses": _naming("storageclasses", _provisioner),
        "volumeAttributesClasses": _naming("volumeattributesclasses", _attributes_driver),
    },
    kinds.CSI_NODE: {"node": _same_node, "csiDrivers": _drivers},
    kinds.CSI_STORAGE_CAPACITY: {"storageClass": _capacity_class, "nodes": _reaching},
    kinds.NODE: {
        "persistentVolumes": _naming("persistentvolumes", _nodes),
        "volumeAttachments": _naming("volumeattachments", _attaching),
        "csiNode": _naming("csinodes", _same_node),
        "csiStorageCapacities": _naming("csistoragecapacities", _reaching),
    },
}


@pytest.mark.parametrize("kind", LINKS, ids=str)
async def test_links_are_those_of_the_raw_objects(real_fleet: TestFleet, raw: RawObjects, kind: Kind) -> None:
    counts = await check_links(real_fleet, "alpha", raw, kind, LINKS[kind])

    assert all(counts.values()), counts


async def test_a_claim_leads_to_all_that_belongs_to_it_with_a_request_for_each_kind(
    real_fleet: TestFleet, raw: RawObjects, alpha: Cluster
) -> None:
    mark = alpha.audit.mark()

    reply = await real_fleet.ask(
        """{ persistentVolumeClaims(clusters: {names: ["alpha"]}) { nodes {
          name persistentVolume { name volumeAttachments { nodes { name } } } storageClass { name }
          pods { nodes { name } } statefulSet { name }
        } } }"""
    )

    asked = sorted(one.resource for one in alpha.audit.requests_since(mark, user_agent="fleetgraph"))
    assert reply.errors == ()
    assert [resource for resource, _ in groupby(asked)] == [  # other tests fill further pages
        *("persistentvolumeclaims", "persistentvolumes", "pods"),
        *("statefulsets", "storageclasses", "volumeattachments"),
    ]


async def test_the_newest_class_with_the_annotation_is_the_default(real_fleet: TestFleet, raw: RawObjects) -> None:
    reply = await real_fleet.ask(
        """{
          storageClasses(clusters: {names: ["alpha"]}) { nodes { name isDefault } }
          storageClass(cluster: "alpha", name: "disks-fast") { isDefault }
        }"""
    )

    annotated = [
        one for one in raw.of("storageclasses") if one["metadata"].get("annotations", {}).keys() & {*_ANNOTATED}
    ]
    newest = max(one["metadata"]["creationTimestamp"] for one in annotated)
    default = min(_name(one) for one in annotated if one["metadata"]["creationTimestamp"] == newest)
    found = {node["name"]: node["isDefault"] for node in reply.data["storageClasses"]["nodes"]}
    assert reply.errors == ()
    assert len(annotated) == 2
    assert found == {_name(one): _name(one) == default for one in raw.of("storageclasses")}
    assert reply.data["storageClass"] == {"isDefault": default == "disks-fast"}


def _objects() -> list[JsonObject]:
    drivers: list[JsonValue] = [{"name": name, "nodeID": "1"} for name in (DRIVER, "gone.example.com")]
    old: JsonObject = {"annotations": {OLD_DEFAULT: "true"}}
    return [
        *(_object("v1", "Namespace", name) for name in (HOME, OTHER)),
        _object("v1", "Node", "disks-a", metadata={"labels": {"zone": "a", "rank": "3"}}),
        _object("v1", "Node", "disks-b", metadata={"labels": {"zone": "b"}}),
        _object(STORAGE_V1, "CSIDriver", DRIVER, spec={}),
        _object(STORAGE_V1, "CSINode", "disks-a", spec={"drivers": drivers}),
        _object(STORAGE_V1, "CSINode", "disks-gone", spec={"drivers": []}),
        _object(STORAGE_V1, "StorageClass", "disks-fast", provisioner=DRIVER, metadata=DEFAULT),
        _object(STORAGE_V1, "StorageClass", "disks-slow", provisioner="example.com/slow", metadata=old),
        _object(STORAGE_V1, "VolumeAttributesClass", "disks-gold", driverName=DRIVER, parameters={"iops": "9"}),
        *_capacities(),
        *_claim_objects(),
        *_pod_objects(),
        *_sets(),
        *_attachments(),
    ]


def _capacities() -> list[JsonObject]:
    topologies: dict[str, JsonValue] = {"zone": {"matchLabels": {"zone": "a"}}, "all": {}, "none": None}
    return [
        _object(
            STORAGE_V1,
            "CSIStorageCapacity",
            name,
            metadata={"namespace": HOME},
            storageClassName="disks-fast" if name == "zone" else "gone",
            capacity="1Gi",
            **({"nodeTopology": topology} if topology is not None else {}),
        )
        for name, topology in topologies.items()
    ]


def _claim_objects() -> list[JsonObject]:
    return [
        _claim_object("bound", volumeName="disks-bound", storageClassName="disks-fast"),
        _claim_object("waiting", storageClassName="gone", volumeAttributesClassName="disks-gold"),
        _claim_object("old", metadata={"annotations": {OLD_CLASS: "disks-slow"}}),
        _claim_object("web-scratch", storageClassName=""),
        *(_claim_object(name, storageClassName="") for name in ("data-db-0", "data-db-12", "logs-db-0", "data-db-x")),
        *(_claim_object(name, storageClassName="") for name in ("data-db-01", "data-other-0")),
        _claim_object("bound", namespace=OTHER, storageClassName="disks-slow"),
    ]


def _claim_object(
    name: str,
    *,
    namespace: str = HOME,
    metadata: Mapping[str, JsonValue] = MappingProxyType({}),
    **spec: JsonValue,
) -> JsonObject:
    asked: JsonObject = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, **spec}
    return _object("v1", "PersistentVolumeClaim", name, metadata={"namespace": namespace, **metadata}, spec=asked)


def _pod_objects() -> list[JsonObject]:
    def mounted(name: str) -> JsonObject:
        return {"name": name, "persistentVolumeClaim": {"claimName": name}}

    template: JsonObject = {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}
    scratch: JsonObject = {"name": "scratch", "ephemeral": {"volumeClaimTemplate": template}}
    return [
        _pod("web", HOME, mounted("bound"), scratch, mounted("gone")),
        _pod("reader", HOME, mounted("bound")),
        _pod("reader", OTHER, mounted("bound"), {"name": "empty", "emptyDir": {}}),
    ]


def _pod(name: str, namespace: str, *volumes: JsonObject) -> JsonObject:
    container: JsonObject = {"name": "app", "image": "example.com/app:1"}
    spec: JsonObject = {"containers": [container], "volumes": [*volumes], "automountServiceAccountToken": False}
    return _object("v1", "Pod", name, metadata={"namespace": namespace}, spec=spec)


def _sets() -> list[JsonObject]:
    labels: JsonObject = {"app": "db"}
    container: JsonObject = {"name": "app", "image": "example.com/app:1"}
    claim: JsonObject = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    templates: list[JsonValue] = [{"metadata": {"name": name}, "spec": claim} for name in ("data", "logs")]
    spec: JsonObject = {
        "selector": {"matchLabels": labels},
        "serviceName": "db",
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        "volumeClaimTemplates": templates,
    }
    return [_object("apps/v1", "StatefulSet", "db", metadata={"namespace": name}, spec=spec) for name in (HOME, OTHER)]


def _attachments() -> list[JsonObject]:
    volumes = {"disks-one": "disks-bound", "disks-two": "gone"}
    return [
        _object(
            STORAGE_V1,
            "VolumeAttachment",
            name,
            spec={"attacher": DRIVER, "nodeName": "disks-a", "source": {"persistentVolumeName": volume}},
        )
        for name, volume in volumes.items()
    ]


def _volumes(claim_uid: str) -> list[JsonObject]:
    def term(key: str, operator: str, *values: str) -> JsonObject:
        return {"matchExpressions": [{"key": key, "operator": operator, **({"values": [*values]} if values else {})}]}

    named: JsonObject = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["disks-b"]}]}
    return [
        _volume_object("disks-bound", claimRef=_reference("bound", claim_uid), storageClassName="disks-fast"),
        _volume_object("disks-released", claimRef=_reference("bound", GONE_UID)),
        _volume_object("disks-reserved", claimRef=_reference("waiting"), volumeAttributesClassName="disks-gold"),
        _volume_object("disks-old", metadata={"annotations": {OLD_CLASS: "disks-slow"}}),
        _volume_object("disks-zone", nodeAffinity=_affinity(term("zone", "In", "a", "c"), term("rank", "Gt", "5"))),
        _volume_object("disks-rank", nodeAffinity=_affinity(term("rank", "Gt", "2"))),
        _volume_object("disks-name", nodeAffinity=_affinity(named)),
        _volume_object("disks-rest", nodeAffinity=_affinity({**named, **term("zone", "NotIn", "a")})),
        _volume_object("disks-any", nodeAffinity=_affinity(term("zone", "Exists"), term("zone", "DoesNotExist"))),
    ]


def _affinity(*terms: JsonObject) -> JsonObject:
    return {"required": {"nodeSelectorTerms": [*terms]}}


def _reference(name: str, uid: str | None = None) -> JsonObject:
    named: JsonObject = {"kind": "PersistentVolumeClaim", "namespace": HOME, "name": name}
    return {**named, "uid": uid} if uid else named


def _volume_object(
    name: str, *, metadata: Mapping[str, JsonValue] = MappingProxyType({}), **spec: JsonValue
) -> JsonObject:
    disk: JsonObject = {
        "accessModes": ["ReadWriteOnce"],
        "capacity": {"storage": "1Gi"},
        "csi": {"driver": DRIVER, "volumeHandle": name},
    }
    return _object("v1", "PersistentVolume", name, metadata=metadata, spec={**disk, **spec})


def _object(
    api_version: str,
    kind: str,
    name: str,
    *,
    metadata: Mapping[str, JsonValue] = MappingProxyType({}),
    **parts: JsonValue,
) -> JsonObject:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, **metadata}, **parts}
