"""The join of volumes and nodes, and the default of storage classes, of rows of two clusters."""

from typing import cast

import pytest

from k8s.kinds.builtin import NODE, PERSISTENT_VOLUME, STORAGE_CLASS
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.storage.defaultclass import DEFAULT_READS, default_classes
from resolvers.kinds.storage.nodeaffinity import AFFINITY_READS, NODE_READS, selected_nodes, selecting_volumes
from resolvers.lists.rows import Rows
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.resolvers.decoded import row

ONE, OTHER = cast(FleetCluster, "one"), cast(FleetCluster, "other")
NODES: dict[str, JsonObject] = {"a": {"zone": "a", "rank": "3"}, "b": {"zone": "b", "rank": "x"}, "c": {}}


def _rows(*clusters: FleetCluster) -> Rows:
    nodes = Rows()
    for cluster in clusters:
        metadata: list[JsonObject] = [{"name": name, "labels": labels} for name, labels in NODES.items()]
        nodes.extend(cluster, [row(NODE, *NODE_READS, metadata=one) for one in metadata])
    return nodes


def _volumes(*terms: JsonObject) -> Rows:
    affinity: JsonObject = {"required": {"nodeSelectorTerms": [*terms]}}
    return Rows([row(PERSISTENT_VOLUME, *AFFINITY_READS, spec={"nodeAffinity": affinity})], [ONE])


def _term(key: str, operator: str, *values: str, of: str = "matchExpressions") -> JsonObject:
    return {of: [{"key": key, "operator": operator, "values": [*values]}]}


@pytest.mark.parametrize(
    ("terms", "wanted"),
    [
        ([], ""),
        ([{}], ""),
        ([{"matchExpressions": [], "matchFields": []}], ""),
        ([_term("zone", "In", "b", "a", "a")], "ab"),
        ([_term("zone", "In")], ""),
        ([_term("zone", "NotIn", "a")], "bc"),
        ([_term("zone", "NotIn")], ""),
        ([_term("zone", "Exists")], "ab"),
        ([_term("zone", "DoesNotExist")], "c"),
        ([_term("rank", "Gt", "2")], "a"),
        ([_term("rank", "Gt", "3")], ""),
        ([_term("rank", "Lt", "4")], "a"),
        ([_term("rank", "Lt", "-4")], ""),
        ([_term("rank", "Gt", "1", "2")], ""),
        ([_term("rank", "Gt", "9" * 5000)], ""),
        ([_term("rank", "Gt", "x")], ""),
        ([_term("zone", "Unheard", "a")], ""),
        ([_term("metadata.name", "In", "c", of="matchFields")], "c"),
        ([_term("metadata.name", "NotIn", "c", of="matchFields")], "ab"),
        ([_term("metadata.uid", "In", "c", of="matchFields")], ""),
        ([_term("zone", "In", "b") | _term("metadata.name", "In", "c", of="matchFields")], ""),
        ([_term("metadata.name", "In", "a", "c", of="matchFields")], ""),
        ([_term("zone", "Exists", "a")], ""),
        ([_term("zone", "DoesNotExist", "a")], ""),
        ([_term("zone", "In", "b"), _term("metadata.name", "In", "a", of="matchFields")], "ab"),
    ],
)
async def test_nodes_of_a_volume(terms: list[JsonObject], wanted: str) -> None:
    nodes = _rows(OTHER, ONE)

    (found,) = await selected_nodes(_volumes(*terms), nodes)

    assert "".join(node.metadata.name for node in found) == wanted
    assert all(any(node is one for one in nodes.rows[3:]) for node in found)


async def test_volumes_of_a_node() -> None:
    volumes = _volumes(_term("zone", "In", "a"), _term("zone", "Exists"))

    found = await selecting_volumes(_rows(OTHER, ONE), volumes)

    assert [len(own) for own in found] == [0, 0, 0, 1, 1, 0]


@pytest.mark.parametrize("parts", [{}, {"spec": {}}, {"spec": {"nodeAffinity": {}}}])
async def test_a_volume_without_an_affinity_selects_no_node(parts: dict[str, JsonObject]) -> None:
    volumes = Rows([row(PERSISTENT_VOLUME, *AFFINITY_READS, **parts)], [ONE])

    assert [*await selected_nodes(volumes, _rows(ONE))] == [[]]
    assert [*await selected_nodes(volumes, _rows())] == [[]]


async def test_the_default_class_is_the_newest_of_its_cluster() -> None:
    new, old = "storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"
    classes: list[tuple[FleetCluster, str, str, dict[str, JsonValue]]] = [
        (ONE, "b", "2026-01-02T00:00:00Z", {new: "true"}),
        (ONE, "c", "2026-01-02T00:00:00Z", {old: "true"}),
        (ONE, "a", "2026-01-02T00:00:00Z", {new: "false", old: "true"}),
        (ONE, "older", "2026-01-01T00:00:00Z", {new: "true"}),
        (ONE, "newest", "2026-01-03T00:00:00Z", {new: "yes"}),
        (OTHER, "older", "2026-01-01T00:00:00Z", {new: "true"}),
        (cast(FleetCluster, "none"), "plain", "2026-01-01T00:00:00Z", {}),
    ]
    rows = Rows()
    for cluster, name, created, annotations in classes:
        metadata: JsonObject = {"name": name, "creationTimestamp": created, "annotations": annotations}
        rows.extend(cluster, [row(STORAGE_CLASS, *DEFAULT_READS, metadata=metadata)])

    assert await default_classes(rows) == {ONE: "a", OTHER: "older"}
