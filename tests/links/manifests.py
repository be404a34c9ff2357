"""The objects of `builtin.yaml` and `custom.yaml`, and the definitions of the custom kinds among them."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from k8s.kinds.builtin import BUILT_IN
from resolvers.names import type_name
from tests.controlplane.json_object import JsonObject
from tests.links.relation import Json
from tests.printed.requestbytes import PROOF, SIGNING_REQUEST, STUB_REQUEST

NAMESPACES: Final = ("links-a", "links-b")
_BYTES: Final = {"PEM": PROOF, "REQUEST": SIGNING_REQUEST, "STUB": STUB_REQUEST}
_SELF: Final = "SELF"
_SCOPE: Final = "scope"


class ServedKind(NamedTuple):
    """A kind with the path of its lists; of custom kinds, `name` is `group/Kind`."""

    name: str
    api_version: str
    kind: str
    plural: str
    is_namespaced: bool

    def path(self, namespace: str = "") -> str:
        """Returns the path of a list: of a namespace, or of the whole cluster."""
        within = f"/namespaces/{namespace}" if namespace else ""
        return f"/api{'s' if '/' in self.api_version else ''}/{self.api_version}{within}/{self.plural}"


BUILT_IN_KINDS: Final = tuple(
    ServedKind(type_name(kind), kind.api_version, kind.name, kind.plural, kind.namespaced) for kind in BUILT_IN
)
_BUILT_IN: Final = {(kind.api_version, kind.kind): kind for kind in BUILT_IN_KINDS}


@cache
def custom_kinds() -> Sequence[ServedKind]:
    """Returns the kinds of `custom.yaml`."""
    found: dict[str, ServedKind] = {}
    for item in _items():
        version, kind = item["apiVersion"], item["kind"]
        if (version, kind) not in _BUILT_IN:
            named = f"{version.partition('/')[0]}/{kind}"
            found[named] = ServedKind(named, version, kind, _plural(kind.lower()), _SCOPE not in item)
    return tuple(found.values())


def kind_of(item: Json) -> ServedKind:
    """Returns the kind of an object."""
    place = (item["apiVersion"], item["kind"])
    return _BUILT_IN.get(place) or next(one for one in custom_kinds() if (one.api_version, one.kind) == place)


def manifests() -> Iterator[Json]:
    """Yields every object as it is created, owners before what they own."""
    for item in _items():
        kind = kind_of(item)
        without = {key: value for key, value in item.items() if key != _SCOPE}
        if not kind.is_namespaced:
            yield _filled(without, "")
        elif "namespace" in item["metadata"]:
            yield _filled(without, item["metadata"]["namespace"])
        else:
            yield from (_filled(without, namespace) for namespace in NAMESPACES)


def definitions() -> Iterator[JsonObject]:
    """Yields the definition of each custom kind: its schema has the fields of its objects here."""
    for kind in custom_kinds():
        group, _, version = kind.api_version.partition("/")
        items = [one for one in _items() if (one["apiVersion"], one["kind"]) == (kind.api_version, kind.kind)]
        parts = [{key: one[key] for key in ("spec", "status") if key in one} for one in items]
        subresources: JsonObject = {"status": {}} if any("status" in part for part in parts) else {}
        served: JsonObject = {
            "name": version,
            "served": True,
            "storage": True,
            "schema": {"openAPIV3Schema": _schema(parts)},
            "subresources": subresources,
        }
        yield {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {
                "name": f"{kind.plural}.{group}",
                "annotations": {"api-approved.kubernetes.io": "unapproved, for tests"},
            },
            "spec": {
                "group": group,
                "scope": "Namespaced" if kind.is_namespaced else "Cluster",
                "names": {"kind": kind.kind, "plural": kind.plural},
                "versions": [served],
            },
        }


def _plural(name: str) -> str:
    if name.endswith("y") and not name.endswith(("ay", "ey", "oy")):
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith("s") else f"{name}s"


def _schema(values: Sequence[Json]) -> JsonObject:
    """Returns the schema of some values of one field."""
    first = values[0]
    if isinstance(first, dict):
        keys = dict.fromkeys(key for value in values for key in value)
        return {
            "type": "object",
            "properties": {key: _schema([value[key] for value in values if key in value]) for key in keys},
        }
    if isinstance(first, list):
        return {"type": "array", "items": _schema([item for value in values for item in value])}
    return {"type": {str: "string", bool: "boolean", int: "integer"}[type(first)]}


def _filled(value: Json, namespace: str, key: str = "") -> Json:
    """Returns a copy of a value, in which the namespace and bytes have their places."""
    if isinstance(value, list):
        return [_filled(item, namespace) for item in value]
    if isinstance(value, dict):
        filled = {key: _filled(item, namespace, key) for key, item in value.items()}
        return {**filled, "namespace": namespace} if key == "metadata" and namespace else filled
    return namespace if value == _SELF else _BYTES.get(value, value) if isinstance(value, str) else value


@cache
def _items() -> Sequence[Any]:
    folder = Path(__file__).parent
    texts = [(folder / name).read_text() for name in ("builtin.yaml", "custom.yaml")]
    return [item for text in texts for item in yaml.load(text, yaml.CSafeLoader)]
