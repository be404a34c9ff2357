"""Lies about the kinds of a cluster: changed documents of discovery and of OpenAPI, for a real API server's answers.

Each is a function from the true document to the false one, as decoded JSON; other documents stay as they are. Use them
with `tests.k8s.lyingsender`, or on the wire: `proxy.when("/apis", Rewrite(change=on_json(DISCOVERY["..."])))`. A hash
that the server does not know (`OPENAPI_INDEX["a hash that is gone"]`) makes it answer 301.
"""

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Final, TypeAlias

import msgspec

Lie: TypeAlias = Callable[[Any], Any]

GROUP: Final = "lies.example.com"
"""The group of added kinds."""

DEEP: Final = 200
MANY: Final = 10_000


def on_json(lie: Lie) -> Callable[[bytes], bytes]:
    """Returns a lie as a function of bodies."""
    return lambda body: msgspec.json.encode(lie(msgspec.json.decode(body)))


def resource(kind: str, plural: str, *, group: str = GROUP, version: str = "v1", **others: object) -> dict[str, object]:
    """Returns a resource of aggregated discovery."""
    return {
        "resource": plural,
        "responseKind": {"group": group, "version": version, "kind": kind},
        "scope": "Namespaced",
        "singularResource": kind.lower(),
        "verbs": ["get", "list", "watch"],
        **others,
    }


def with_group(*resources: object, group: str = GROUP, version: str = "v1", freshness: str = "Current") -> Lie:
    """Returns a lie that adds a group to aggregated discovery, below `/apis` only."""
    added = {
        "metadata": {"name": group},
        "versions": [{"version": version, "resources": [*resources], "freshness": freshness}],
    }

    def lie(document: Any) -> Any:
        items = document["items"]
        is_core = any(not (item.get("metadata") or {}).get("name") for item in items)
        return document if is_core else {**document, "items": [*items, added]}

    return _of("APIGroupDiscoveryList", lie)


def _of(kind: str, lie: Lie) -> Lie:
    return lambda document: lie(document) if isinstance(document, dict) and document.get("kind") == kind else document


DISCOVERY: Final[Mapping[str, Lie]] = {
    "a slash in a kind": with_group(resource("Wid/get", "widgets")),
    "a slash in a resource": with_group(resource("Widget", "../secrets")),
    "a kind that is no GraphQL name": with_group(resource("Wid-get", "widgets")),
    "a kind of digits": with_group(resource("1Widget", "widgets")),
    "a reserved kind": with_group(resource("__Type", "types")),
    "kinds that differ in case only": with_group(resource("Widget", "widgets"), resource("WIDGET", "capitals")),
    "one resource twice": with_group(resource("Widget", "widgets"), resource("Gadget", "widgets")),
    "ten thousand kinds": with_group(*(resource(f"Widget{n}", f"widgets{n}") for n in range(MANY))),
    "a long kind": with_group(resource("W" * 10_000, "widgets")),
    "null everywhere": with_group({"resource": None, "responseKind": None, "scope": None, "verbs": None}),
    "verbs that are no list": with_group(resource("Widget", "widgets", verbs="list")),
    "a strange scope": with_group(resource("Widget", "widgets", scope="Galaxy")),
    "a stale group": with_group(freshness="Stale"),
    "a group that is no group": with_group(resource("Widget", "widgets", group="a/b"), group="a/b"),
    "a version that is none": with_group(resource("Widget", "widgets", version="v1/../../x"), version="v1/../../x"),
    "a short name with a dot": with_group(resource("Widget", "widgets", shortNames=["w.x/y", "", None])),
    "no items": _of("APIGroupDiscoveryList", lambda document: {**document, "items": None}),
    "no document": _of("APIGroupDiscoveryList", lambda _document: [1, 2, 3]),
}
"""Lies about aggregated discovery (`/apis`)."""


def with_schema(schema: object, *, name: str = "com.example.lies.v1.Widget") -> Lie:
    """Returns a lie that replaces or adds a schema in an OpenAPI document."""

    def lie(document: Any) -> Any:
        components = document.get("components") or {}
        schemas = {**(components.get("schemas") or {}), name: schema}
        return {**document, "components": {**components, "schemas": schemas}}

    return lie


def on_kinds(change: Callable[[Any], Any]) -> Lie:
    """Returns a lie that changes the schema of each kind of an OpenAPI document."""

    def lie(document: Any) -> Any:
        if "components" not in document:
            return document
        components = document.get("components") or {}
        schemas = {
            name: change(schema) if "x-kubernetes-group-version-kind" in schema else schema
            for name, schema in (components.get("schemas") or {}).items()
        }
        return {**document, "components": {**components, "schemas": schemas}}

    return lie


def with_property(name: str, schema: object) -> Lie:
    """Returns a lie that adds a property to each kind."""
    return on_kinds(lambda kind: {**kind, "properties": {**(kind.get("properties") or {}), name: schema}})


def nested(levels: int) -> object:
    """Returns a schema of objects inside objects."""
    schema: object = {"type": "string"}
    for level in range(levels):
        schema = {"type": "object", "properties": {f"level{level}": schema}}
    return schema


OPENAPI: Final[Mapping[str, Lie]] = {
    "a schema many levels deep": with_property("deep", nested(DEEP)),
    "a reference to itself": with_schema({"$ref": "#/components/schemas/com.example.lies.v1.Widget"}),
    "a circle of references": on_kinds(lambda _kind: {"allOf": [{"$ref": "#/components/schemas/com.example.A"}]}),
    "a reference to nothing": with_property("gone", {"$ref": "#/components/schemas/none"}),
    "a reference to another host": with_property("far", {"$ref": "https://example.com/schema.json"}),
    "a long description": on_kinds(lambda kind: {**kind, "description": "x" * 2**20}),
    "names that are no GraphQL names": on_kinds(
        lambda kind: {
            **kind,
            "properties": {name: {"type": "string"} for name in ("a-b", "$ref", "__typename", "1", "", "größe", "a.b")},
        }
    ),
    "names that differ in case only": on_kinds(
        lambda kind: {**kind, "properties": {"value": {"type": "string"}, "Value": {"type": "integer"}}}
    ),
    "types of the wrong type": on_kinds(
        lambda kind: {**kind, "properties": {"a": {"type": ["string", 1]}, "b": 5, "c": {"properties": []}, "d": None}}
    ),
    "ten thousand properties": on_kinds(
        lambda kind: {**kind, "properties": {f"property{n}": {"type": "string"} for n in range(MANY)}}
    ),
    "no schemas": lambda document: {**document, "components": None} if "components" in document else document,
    "no document": lambda document: "openapi" if "components" in document else document,
}
"""Lies about one OpenAPI v3 document (`/openapi/v3/apis/GROUP/VERSION`)."""


TOO_DEEP: Final = (
    b'{"components":{"schemas":{"x":' + b'{"properties":{"a":' * 100_000 + b"{}" + b"}}" * 100_000 + b"}}}"
)
"""An OpenAPI document that no decoder follows to its end."""


def large(size_bytes: int) -> Lie:
    """Returns a lie that makes an OpenAPI document at least that large, of descriptions."""
    return on_kinds(lambda kind: {**kind, "description": "x" * size_bytes})


def _with_hashes(hash_of: Callable[[str], str]) -> Lie:
    def lie(index: Any) -> Any:
        paths = {
            path: {"serverRelativeURL": f"{entry['serverRelativeURL'].partition('?')[0]}?hash={hash_of(path)}"}
            for path, entry in index["paths"].items()
        }
        return {**index, "paths": paths}

    return lie


_NUMBERS: Final = count(1)

OPENAPI_INDEX: Final[Mapping[str, Lie]] = {
    "a hash that is gone": _with_hashes(lambda _path: "0" * 128),
    "another hash at each request": _with_hashes(lambda _path: f"{next(_NUMBERS):0128X}"),
    "an address on another host": lambda index: {
        "paths": {path: {"serverRelativeURL": f"https://example.com/{path}"} for path in index["paths"]}
    },
    "a path that climbs": lambda index: {
        "paths": {**index["paths"], "apis/../../secrets": {"serverRelativeURL": "/openapi/v3/../../api/v1/secrets"}}
    },
    "entries of the wrong type": lambda index: {"paths": dict.fromkeys(index["paths"], 5)},
    "no paths": lambda _index: {"paths": None},
}
"""Lies about the index of OpenAPI documents (`/openapi/v3`)."""
