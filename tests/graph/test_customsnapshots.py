"""Custom objects of a snapshot through the fields of every kind."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from k8s.kinds.kind import Kind
from snapshots.serving.api import SnapshotApi
from snapshots.serving.snapshotsender import SnapshotSender
from snapshots.serving.static import StaticContent
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.graph.fleets import Asking

GROUP = "example.com"


def definition() -> JsonObject:
    """Returns the definition of gadgets, in two versions."""
    names: JsonObject = {"plural": "gadgets", "kind": "Gadget", "shortNames": ["gg"], "categories": ["tools"]}
    schema: JsonObject = {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object"}}}}
    versions: list[JsonValue] = [
        {"name": name, "served": True, "storage": name == "v1", "schema": schema} for name in ("v1", "v1beta1")
    ]
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"gadgets.{GROUP}"},
        "spec": {"group": GROUP, "scope": "Namespaced", "names": names, "versions": versions},
    }


def gadget(namespace: str, name: str, size: int) -> JsonObject:
    """Returns a gadget."""
    metadata: JsonObject = {"namespace": namespace, "name": name, "uid": f"{namespace}/{name}"}
    return {"apiVersion": f"{GROUP}/v1", "kind": "Gadget", "metadata": metadata, "spec": {"size": size}}


@pytest.fixture
def asking(ask: Callable[..., Asking]) -> Asking:
    """Asks a snapshot of gadgets in version v1 of a dump with their definition."""
    items = [definition(), *(gadget(namespace, name, 3) for namespace in ("a", "b") for name in "lmno")]
    served = StaticContent(items).kinds
    kinds = [kind for kind in served if kind != Kind(GROUP, "v1beta1", "Gadget", "gadgets", namespaced=True)]
    return ask(SnapshotSender("night", SnapshotApi(StaticContent(items, kinds=kinds))))


async def answered(asking: Asking, query: str) -> Any:
    """Returns the data of an answer without errors."""
    answer = json.loads((await asking(query)).to_json())
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


@pytest.mark.parametrize(
    "kind",
    [
        f'apiVersion: "{GROUP}/v1", kind: "Gadget"',
        f'apiVersion: "{GROUP}/v1beta1", kind: "Gadget"',
        'resource: "gg"',
        'resource: "gadget"',
        f'resource: "gadgets.{GROUP}"',
    ],
)
async def test_gadgets_are_found_by_each_of_their_names(asking: Asking, kind: str) -> None:
    found = await answered(
        asking, f'{{ objects({kind}) {{ totalCount nodes {{ kind name size: fields(path: "spec.size") }} }} }}'
    )

    assert found["objects"]["totalCount"] == 8
    assert found["objects"]["nodes"][0] == {"kind": "Gadget", "name": "l", "size": 3}


async def test_gadgets_are_in_their_category(asking: Asking) -> None:
    found = await answered(asking, '{ categories(names: ["tools"]) { totalCount } }')

    assert found["categories"]["totalCount"] == 8


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ('name: "m"', ["a/m", "b/m"]),
        ('names: ["o", "m", "x"]', ["a/m", "a/o", "b/m", "b/o"]),
        ('names: ["o", "n", "m", "l"], namespaces: ["b"]', ["b/l", "b/m", "b/n", "b/o"]),
    ],
)
async def test_objects_of_any_kind_are_selected_by_name(asking: Asking, names: str, expected: list[str]) -> None:
    found = (
        await answered(asking, f'{{ objects(resource: "gg", {names}) {{ totalCount nodes {{ namespace name }} }} }}')
    )["objects"]

    assert [f"{node['namespace']}/{node['name']}" for node in found["nodes"]] == expected
    assert found["totalCount"] == len(expected)
