"""Custom kinds of a snapshot: names, versions, OpenAPI documents and tables, as the real API server has them."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession

from snapshots.serving.api import SnapshotApi
from snapshots.serving.columnpaths import first_at, parsed_column_path
from snapshots.serving.static import StaticContent
from snapshots.serving.tables import human_duration
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.operators.crds import crd_name
from tests.operators.installing import install, uninstall
from tests.snapshots.serving.asking import Answered, ask

GROUP = "snapshots.example.com"
ROOT = f"/apis/{GROUP}"
DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"
CONDITIONS: list[JsonValue] = [{"type": "Synced", "status": "False"}, {"type": "Ready", "status": "True"}]
STATUS: JsonObject = {
    "type": "object",
    "x-kubernetes-preserve-unknown-fields": True,
    "properties": {
        "conditions": {
            "type": "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["type"],
            "items": {
                "type": "object",
                "required": ["type"],
                "properties": {"type": {"type": "string"}, "status": {"type": "string", "nullable": True}},
            },
        },
        "port": {"x-kubernetes-int-or-string": True},
        "embedded": {
            "type": "object",
            "x-kubernetes-embedded-resource": True,
            "x-kubernetes-preserve-unknown-fields": True,
        },
    },
}
SCHEMA: JsonObject = {
    "type": "object",
    "description": "A gadget.",
    "required": ["spec"],
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "size": {"type": "integer", "format": "int32", "minimum": 1},
                "ratio": {"type": "number"},
                "isOn": {"type": "boolean"},
                "color": {"type": "string", "enum": ["red", "green"]},
                "due": {"type": "string", "format": "date-time"},
                "tags": {"type": "array", "items": {"type": "string"}},
                "dotted.key": {"type": "string"},
                "options": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        },
        "status": STATUS,
    },
}
COLUMNS: list[JsonValue] = [
    {"name": "Color", "type": "string", "jsonPath": ".spec.color"},
    {"name": "Size", "type": "integer", "jsonPath": ".spec.size", "description": "How large.", "format": "int32"},
    {"name": "Ratio", "type": "number", "jsonPath": ".spec.ratio", "priority": 1},
    {"name": "On", "type": "boolean", "jsonPath": ".spec.isOn"},
    {"name": "Ready", "type": "string", "jsonPath": '.status.conditions[?(@.type=="Ready")].status'},
    {"name": "First", "type": "string", "jsonPath": ".spec.tags[0]"},
    {"name": "Last", "type": "string", "jsonPath": ".spec.tags[-1]"},
    {"name": "Tags", "type": "string", "jsonPath": ".spec.tags[*]"},
    {"name": "Dotted", "type": "string", "jsonPath": ".spec.dotted\\.key"},
    {"name": "Wrong type", "type": "integer", "jsonPath": ".spec.color"},
    {"name": "Missing", "type": "string", "jsonPath": ".status.nothing.here"},
    {"name": "Due", "type": "date", "jsonPath": ".spec.due"},
    {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
]


def definition(
    plural: str, kind: str, *, scope: str = "Namespaced", columns: list[JsonValue] | None = None, **names: JsonValue
) -> JsonObject:
    """Returns a definition with three versions, of which one is not served."""
    versions: list[JsonValue] = [
        {
            "name": name,
            "served": name != "v1alpha1",
            "storage": name == "v1",
            "schema": {"openAPIV3Schema": SCHEMA},
            "selectableFields": [{"jsonPath": ".spec.color"}],
            **({"additionalPrinterColumns": columns} if columns else {}),
        }
        for name in ("v1alpha1", "v1beta1", "v1")
    ]
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": scope,
            "versions": versions,
            "names": {"plural": plural, "kind": kind, **names},
        },
    }


DEFINITIONS = [
    definition("gadgets", "Gadget", columns=COLUMNS, shortNames=["gg", "gad"], categories=["all", "tools"]),
    definition("gizmos", "Gizmo", scope="Cluster", singular="gizzy"),
]


def gadget(name: str, **spec: JsonValue) -> JsonObject:
    """Returns a gadget."""
    metadata: JsonObject = {"name": name, "namespace": "default"}
    return {"apiVersion": f"{GROUP}/v1", "kind": "Gadget", "metadata": metadata, "spec": {**spec}}


OBJECTS: list[JsonObject] = [
    {
        **gadget(
            "full",
            size=3,
            ratio=0.5,
            isOn=True,
            color="red",
            tags=["a", "b"],
            due="2020-01-02T03:04:05Z",
            **{"dotted.key": "here"},
        ),
        "status": {"conditions": CONDITIONS, "port": "http", "more": {"x": 1}},
    },
    gadget("empty"),
    {"apiVersion": f"{GROUP}/v1", "kind": "Gizmo", "metadata": {"name": "g"}, "spec": {"size": 1}},
]


class Both:
    """A real API server, and a snapshot of its custom objects and definitions."""

    def __init__(self, session: ClientSession, api: SnapshotApi) -> None:
        self.api = api
        self._session = session

    async def real(self, target: str, accept: str = "application/json") -> Any:
        """Returns the real document."""
        async with self._session.get(target, headers={"Accept": accept}) as response:
            assert response.status == 200, target
            return json.loads(await response.read())

    async def ask(self, target: str, accept: str = "application/json") -> Answered:
        """Asks the snapshot."""
        return await ask(self.api, target, accept=accept)


@pytest.fixture(scope="module")
async def both(alpha: Cluster) -> AsyncIterator[Both]:
    """Installs the definitions and objects on a real API server, and takes a snapshot of them."""
    crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    names = [crd_name(item) for item in DEFINITIONS]
    await install(alpha, DEFINITIONS)
    async with connect(alpha) as session:
        for item in OBJECTS:
            place = f"{ROOT}/v1/gizmos" if item["kind"] == "Gizmo" else f"{ROOT}/v1/namespaces/default/gadgets"
            async with session.post(place, json=item) as response:
                assert response.status == 201, await response.text()
        items: list[JsonObject] = []
        for path in (f"{ROOT}/v1/gadgets", f"{ROOT}/v1/gizmos", crds):
            async with session.get(path) as response:
                listed = json.loads(await response.read())
            items += [
                {**one, "apiVersion": listed["apiVersion"], "kind": listed["kind"].removesuffix("List")}
                for one in listed["items"]
                if path != crds or crd_name(one) in names  # other files may have kinds of their own
            ]
        content = StaticContent(items, kinds=_kinds(items))
        yield Both(session, SnapshotApi(content))
    await uninstall(alpha, names)


def _kinds(items: list[JsonObject]) -> Any:
    """Returns the kinds in the versions of objects, as a dump has them."""
    whole = StaticContent(items)
    types = {(item["apiVersion"], item["kind"]) for item in items}
    return [kind for kind in whole.kinds if (kind.api_version, kind.name) in types]


@pytest.mark.controlplane
@pytest.mark.parametrize("path", [f"{ROOT}/v1", f"{ROOT}/v1beta1"])
async def test_names_are_discovered(both: Both, path: str) -> None:
    def names(document: Any) -> Any:
        keys = ("name", "singularName", "namespaced", "kind", "shortNames", "categories")
        return sorted(
            (
                {key: resource[key] for key in keys if key in resource}
                for resource in document["resources"]
                if "/" not in resource["name"]
            ),
            key=lambda resource: resource["name"],
        )

    assert names((await both.ask(path)).document) == names(await both.real(path))


@pytest.mark.controlplane
async def test_all_is_discovered_at_once(both: Both) -> None:
    def group(document: Any) -> Any:
        [found] = [item for item in document["items"] if item["metadata"].get("name") == GROUP]
        return {
            version["version"]: {
                resource["resource"]: {
                    key: resource.get(key)
                    for key in ("responseKind", "scope", "singularResource", "shortNames", "categories")
                }
                for resource in version["resources"]
            }
            for version in found["versions"]
        }

    assert group((await both.ask("/apis", DISCOVERY)).document) == group(await both.real("/apis", DISCOVERY))


@pytest.mark.controlplane
@pytest.mark.parametrize("path", ["gadgets", "gizmos", "namespaces/default/gadgets"])
@pytest.mark.parametrize("version", ["v1", "v1beta1"])
async def test_objects_are_served_in_each_version(both: Both, version: str, path: str) -> None:
    target = f"{ROOT}/{version}/{path}"
    real = await both.real(target)

    found = (await both.ask(target)).document

    assert found["items"] == real["items"]
    assert (found["apiVersion"], found["kind"]) == (real["apiVersion"], real["kind"])
    assert len(found["items"]) >= 1


@pytest.mark.controlplane
async def test_one_object_in_another_version(both: Both) -> None:
    target = f"{ROOT}/v1beta1/namespaces/default/gadgets/full"

    assert (await both.ask(target)).document == await both.real(target)
    assert (await both.ask(f"{ROOT}/v1alpha1/gadgets")).status == 404


@pytest.mark.controlplane
async def test_field_selectors_of_definitions_hold_in_each_version(both: Both) -> None:
    for version in ("v1", "v1beta1"):
        answered = await both.ask(f"{ROOT}/{version}/gadgets?fieldSelector=spec.color=red")
        assert answered.names == ["full"]


@pytest.mark.controlplane
@pytest.mark.parametrize("version", ["v1", "v1beta1"])
async def test_the_openapi_document_is_the_real_one(both: Both, version: str) -> None:
    target = f"/openapi/v3/apis/{GROUP}/{version}"
    real, found = await both.real(target), (await both.ask(target)).document

    for kind in ("Gadget", "Gizmo"):
        name = f"com.example.snapshots.{version}.{kind}"
        assert _schema(found, name) == _schema(real, name)
        assert _schema(found, f"{name}List") == _schema(real, f"{name}List")
    own = found["components"]["schemas"][f"com.example.snapshots.{version}.Gadget"]
    assert own["description"] == "A gadget."
    actions = {(path, action) for path, item in real["paths"].items() for action in item if action == "get"}
    assert {(path, action) for path, item in found["paths"].items() for action in item} == {
        (path, action) for path, action in actions if not path.endswith(("/status", "/scale"))
    }
    for path, item in found["paths"].items():
        key = "x-kubernetes-group-version-kind"
        assert item["get"][key] == real["paths"][path]["get"][key]
    assert set(_references(found)) <= {f"#/components/schemas/{name}" for name in found["components"]["schemas"]}


def _schema(document: Any, name: str) -> Any:
    """Returns a schema without descriptions, of which the API server has some of its own."""
    return _without_descriptions(document["components"]["schemas"][name])


def _without_descriptions(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_descriptions(inner) for key, inner in value.items() if key != "description"}
    return value


def _references(value: Any) -> Any:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from [inner] if key == "$ref" else _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


@pytest.mark.controlplane
async def test_the_index_has_the_documents_of_custom_kinds(both: Both) -> None:
    found = (await both.ask("/openapi/v3")).document["paths"]

    assert set(found) == {f"apis/{GROUP}/v1", f"apis/{GROUP}/v1beta1"}
    for path, entry in found.items():
        address, _mark, digest = entry["serverRelativeURL"].partition("?hash=")
        assert (address, len(digest)) == (f"/openapi/v3/{path}", 64)
        assert (await both.ask(entry["serverRelativeURL"])).status == 200
    assert (await both.ask("/openapi/v3/apis/unknown/v1")).status == 404


@pytest.mark.controlplane
@pytest.mark.parametrize("path", ["gadgets", "gizmos"])
@pytest.mark.parametrize("version", ["v1", "v1beta1"])
async def test_tables_have_the_printer_columns(both: Both, version: str, path: str) -> None:
    real = await both.real(f"{ROOT}/{version}/{path}", TABLE)
    found = (await both.ask(f"{ROOT}/{version}/{path}", TABLE)).document

    assert found["columnDefinitions"][0]["name"] == "Name"
    assert [{**column, "description": ""} for column in found["columnDefinitions"]] == [
        {**column, "description": ""} for column in real["columnDefinitions"]
    ]
    ages = [at for at, column in enumerate(real["columnDefinitions"]) if column["name"] == "Age"]
    for one, other in zip(found["rows"], real["rows"], strict=True):
        assert [cell for at, cell in enumerate(one["cells"]) if at not in ages] == [
            cell for at, cell in enumerate(other["cells"]) if at not in ages
        ]
        assert one["object"] == other["object"]
        assert all(re.fullmatch(r"(\d+[hms])+", cell) for at, cell in enumerate(one["cells"]) if at in ages)


async def test_an_index_changes_with_its_definitions() -> None:
    async def index(*definitions: JsonObject) -> Any:
        return (await ask(SnapshotApi(StaticContent(definitions)), "/openapi/v3")).document["paths"]

    described = json.loads(json.dumps(DEFINITIONS[0]).replace("A gadget.", "Another gadget."))

    assert await index(DEFINITIONS[0]) == await index(DEFINITIONS[0])
    assert await index(DEFINITIONS[0]) != await index(described)


async def test_objects_that_a_webhook_converts_have_their_own_version_only() -> None:
    converted = json.loads(json.dumps(DEFINITIONS[0]))
    converted["spec"]["conversion"] = {"strategy": "Webhook"}
    items = [converted, gadget("one")]
    api = SnapshotApi(StaticContent(items, kinds=_kinds(items)))

    assert (await ask(api, f"{ROOT}/v1/gadgets")).names == ["one"]
    assert (await ask(api, f"{ROOT}/v1beta1/gadgets")).status == 404


async def test_a_kind_without_a_definition_keeps_its_guess() -> None:
    whole = StaticContent([DEFINITIONS[0], gadget("one")])
    kinds = [kind for kind in whole.kinds if kind.group == GROUP and kind.version == "v1"]
    api = SnapshotApi(StaticContent([gadget("one")], kinds=kinds))

    [resource] = (await ask(api, f"{ROOT}/v1")).document["resources"]

    assert (resource["singularName"], "shortNames" in resource) == ("gadget", False)
    assert (await ask(api, "/openapi/v3")).document == {"paths": {}}
    table = (await ask(api, f"{ROOT}/v1/gadgets?includeObject=None", accept=TABLE)).document
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Age"]
    assert table["rows"] == [{"cells": ["one", None]}]


@pytest.mark.parametrize(
    "broken",
    [
        {"spec": None},
        {
            "spec": {
                "group": GROUP,
                "names": {"kind": "X", "plural": "gadgets"},
                "scope": "Namespaced",
                "versions": "v1",
            }
        },
        {"spec": {"group": GROUP, "names": {"kind": "X", "plural": 5}, "scope": "Namespaced", "versions": []}},
    ],
)
async def test_a_broken_definition_costs_its_own_names(broken: JsonObject) -> None:
    metadata: JsonObject = {"name": "broken"}
    base: JsonObject = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
    items = [{**base, "metadata": metadata, **broken}, DEFINITIONS[1]]
    api = SnapshotApi(StaticContent(items, kinds=StaticContent([DEFINITIONS[1]]).kinds))

    resources = (await ask(api, f"{ROOT}/v1")).document["resources"]

    assert [(one["name"], one["singularName"]) for one in resources] == [("gizmos", "gizzy")]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (".a.b", 1),
        ("$.a.b", 1),
        ("{.a.b}", 1),
        ("a.b", 1),
        (".a['b']", 1),
        ('.a["b"]', 1),
        (".a.c\\.d", 2),
        (".list[1].x", "two"),
        (".list[-1].x", "two"),
        (".list[*].x", "one"),
        (".list[5].x", None),
        ('.list[?(@.x=="two")].y', "found"),
        (".list[?(@.x=='two')].y", "found"),
        ('.list[?(@.x == "none")].y', None),
        (".a.b.c", None),
        (".list.x", None),
    ],
)
def test_column_paths(path: str, value: object) -> None:
    item = {"a": {"b": 1, "c.d": 2}, "list": [{"x": "one"}, {"x": "two", "y": "found"}]}
    steps = parsed_column_path(path)

    assert steps is not None
    assert first_at(item, steps) == value


@pytest.mark.parametrize("path", ["..a", ".a[?(@.x>5)]", ".a[", "{range .a}{end}", ".a[0:2]", "'"])
def test_other_column_paths_have_no_value(path: str) -> None:
    assert parsed_column_path(path) is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "<invalid>"),
        (-1, "0s"),
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (201, "3m21s"),
        (600, "10m"),
        (10_799, "179m"),
        (10_860, "3h1m"),
        (28_800, "8h"),
        (172_799, "47h"),
        (176_400, "2d1h"),
        (691_200, "8d"),
        (63_071_999, "729d"),
        (63_158_400, "2y1d"),
        (252_288_000, "8y"),
    ],
)
def test_ages_are_those_of_kubectl(seconds: int, text: str) -> None:
    assert human_duration(seconds) == text
