"""Derived fields of volumes, claims and CSI nodes."""

import pytest

from resolvers.kinds.storage.csi import CSI_NODES
from resolvers.kinds.storage.persistentvolume import PERSISTENT_VOLUMES
from resolvers.kinds.storage.persistentvolumeclaim import PERSISTENT_VOLUME_CLAIMS
from resolvers.links.members import Family
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.resolvers.kinds.memberof import derived

BOTH = pytest.mark.parametrize("family", [PERSISTENT_VOLUMES, PERSISTENT_VOLUME_CLAIMS], ids=["volume", "claim"])
MODES: list[JsonValue] = [
    "ReadWriteOncePod",
    "ReadWriteMany",
    "Unheard",
    "ReadWriteMany",
    "ReadOnlyMany",
    "ReadWriteOnce",
]
SHORT = ["RWO", "ROX", "RWX", "RWOP"]


@BOTH
def test_phases(family: Family) -> None:
    deleted: JsonObject = {"deletionTimestamp": "2026-01-01T00:00:00Z"}

    assert derived(family, "phase", status={"phase": "Bound"}) == "Bound"
    assert derived(family, "phase", status={"phase": "Bound"}, metadata=deleted) == "Terminating"
    assert derived(family, "phase", metadata=deleted) == "Terminating"
    assert derived(family, "phase") is None


@BOTH
@pytest.mark.parametrize(
    ("spec", "annotation", "wanted"),
    [
        ({"storageClassName": "new"}, None, "new"),
        ({"storageClassName": "new"}, "old", "old"),
        ({}, "old", "old"),
        ({"storageClassName": "new"}, "", None),
        ({"storageClassName": ""}, None, None),
        ({}, None, None),
    ],
)
def test_classes(family: Family, spec: JsonObject, annotation: str | None, wanted: str | None) -> None:
    metadata: JsonObject = {"annotations": {"volume.beta.kubernetes.io/storage-class": annotation}}

    found = derived(family, "storageClassName", spec=spec, metadata=metadata if annotation is not None else {})

    assert found == wanted


def test_a_volume() -> None:
    spec: JsonObject = {"capacity": {"storage": "1500M", "other": "1"}, "accessModes": MODES}

    assert derived(PERSISTENT_VOLUMES, "capacity", spec=spec) == "1500M"
    assert derived(PERSISTENT_VOLUMES, "accessModes", spec=spec) == SHORT


@pytest.mark.parametrize("spec", [{}, {"volumeName": ""}])
def test_a_claim_without_a_volume_has_no_capacity(spec: JsonObject) -> None:
    status: JsonObject = {"capacity": {"storage": "2Gi"}, "accessModes": MODES}

    assert derived(PERSISTENT_VOLUME_CLAIMS, "capacity", spec=spec, status=status) is None
    assert derived(PERSISTENT_VOLUME_CLAIMS, "accessModes", spec=spec, status=status) == []


def test_a_bound_claim() -> None:
    spec: JsonObject = {"volumeName": "disk", "resources": {"requests": {"storage": "1Gi"}}}
    status: JsonObject = {"capacity": {"storage": "2Gi"}, "accessModes": MODES}

    assert derived(PERSISTENT_VOLUME_CLAIMS, "capacity", spec=spec, status=status) == "2Gi"
    assert derived(PERSISTENT_VOLUME_CLAIMS, "accessModes", spec=spec, status=status) == SHORT
    assert derived(PERSISTENT_VOLUME_CLAIMS, "requested", spec=spec) == "1Gi"


@BOTH
@pytest.mark.parametrize("parts", [{}, {"spec": {}}, {"spec": {"volumeName": "disk", "resources": {}}, "status": {}}])
def test_objects_that_say_nothing(family: Family, parts: dict[str, JsonValue]) -> None:
    if family is PERSISTENT_VOLUMES:
        parts = {"spec": {}} if "spec" in parts else {}
    names = ("capacity", "accessModes", "storageClassName")

    assert [derived(family, name, **parts) for name in names] == [None, [], None]
    assert "requested" not in family.members or derived(family, "requested", **parts) is None


def test_the_drivers_of_a_node() -> None:
    assert derived(CSI_NODES, "driverNames", spec={"drivers": [{"name": "a"}, {"name": "b"}]}) == ["a", "b"]
    assert derived(CSI_NODES, "driverNames", spec={"drivers": None}) == derived(CSI_NODES, "driverNames") == []
