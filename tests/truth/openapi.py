"""The OpenAPI document of an API server, read without the client's models.

A `Definition` is paired with the structure of ours that stands for it by walking both from the kinds downwards.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec

from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from k8s.kinds.models import structure_names
from k8s.kinds.structure import FieldFormat, Structure

_DEFINITIONS = "#/definitions/"


class GroupVersionKind(msgspec.Struct, frozen=True):
    """The kind of a definition."""

    group: str
    version: str
    kind: str


class Schema(msgspec.Struct, frozen=True):
    """A part of the document; only the fields that distinguish types."""

    ref: str = msgspec.field(default="", name="$ref")
    type: str = ""
    format: str = ""
    items: "Schema | None" = None
    values: "Schema | None" = msgspec.field(default=None, name="additionalProperties")
    properties: dict[str, "Schema"] = {}
    kinds: list[GroupVersionKind] = msgspec.field(default_factory=list, name="x-kubernetes-group-version-kind")


class _Document(msgspec.Struct):
    definitions: dict[str, Schema]


@dataclass(frozen=True)
class PropertyType:
    """The type of a property: a leaf of some format, or objects of a definition; in a list or not."""

    format: FieldFormat | None = None
    definition: str | None = None
    is_list: bool = False


_BY_NAME: Mapping[str, FieldFormat] = {
    "Quantity": FieldFormat.QUANTITY,
    "IntOrString": FieldFormat.INT_OR_STRING,
    "Time": FieldFormat.TIME,
    "MicroTime": FieldFormat.TIME,
}
_BY_TYPE: Mapping[tuple[str, str], FieldFormat] = {
    ("string", ""): FieldFormat.STRING,
    ("string", "byte"): FieldFormat.BYTES,
    ("integer", "int32"): FieldFormat.INT32,
    ("integer", "int64"): FieldFormat.INT64,
    ("number", "double"): FieldFormat.NUMBER,
    ("boolean", ""): FieldFormat.BOOLEAN,
}
_MAPS: Mapping[FieldFormat | None, FieldFormat] = {
    FieldFormat.STRING: FieldFormat.STRING_MAP,
    FieldFormat.BYTES: FieldFormat.STRING_MAP,
    FieldFormat.QUANTITY: FieldFormat.QUANTITY_MAP,
}


class OpenApi:
    """One server's document, from `/openapi/v2`."""

    def __init__(self, body: bytes) -> None:
        self._definitions = msgspec.json.decode(body, type=_Document).definitions
        self._properties = {
            name: {key: self._property_type(item) for key, item in schema.properties.items()}
            for name, schema in self._definitions.items()
        }
        self._by_kind = {
            (item.group, item.version, item.kind): name
            for name, schema in self._definitions.items()
            for item in (schema.kinds if len(schema.kinds) == 1 else ())
        }

    def of_kind(self, kind: Kind) -> str:
        """Returns the name of a kind's definition."""
        return self._by_kind[kind.group, kind.version, kind.name]

    def versions(self, kind: Kind) -> list[str]:
        """Returns the versions of a kind."""
        return [version for group, version, name in self._by_kind if (group, name) == (kind.group, kind.name)]

    def constants(self, definition: str) -> Mapping[str, str]:
        """Returns `apiVersion` and `kind` of a definition; empty if it has no kind."""
        kinds = self._definitions[definition].kinds
        if len(kinds) != 1 or "metadata" not in self._definitions[definition].properties:
            return {}
        return {"apiVersion": f"{kinds[0].group}/{kinds[0].version}".lstrip("/"), "kind": kinds[0].kind}

    def properties(self, definition: str) -> Mapping[str, PropertyType]:
        """Returns the type of each JSON key of a definition."""
        return self._properties[definition]

    def pairs(self, structures: Mapping[str, Structure]) -> Iterator[tuple[str, str]]:
        """Returns every definition below a kind, with the name of its structure."""
        names = structure_names()
        waiting = [(self.of_kind(kind), names[kind]) for kind in BUILT_IN]
        seen: set[tuple[str, str]] = set()
        while waiting:
            pair = waiting.pop()
            if pair in seen:
                continue
            seen.add(pair)
            yield pair
            fields = {field.key: field for field in structures[pair[1]].fields}
            for key, property_type in self.properties(pair[0]).items():
                if property_type.definition and key in fields and (structure := fields[key].structure):
                    waiting.append((property_type.definition, structure))

    def _property_type(self, schema: Schema) -> PropertyType:
        if schema.items is not None:
            inner = self._property_type(schema.items)
            return PropertyType(inner.format, inner.definition, is_list=True)
        if schema.values is not None:
            inner = self._property_type(schema.values)
            return PropertyType(FieldFormat.ANY if inner.is_list else _MAPS.get(inner.format, FieldFormat.ANY))
        if not schema.ref:
            return PropertyType(_BY_TYPE.get((schema.type, schema.format), FieldFormat.ANY))
        name = schema.ref.removeprefix(_DEFINITIONS)
        if self._definitions[name].properties:
            return PropertyType(definition=name)
        return PropertyType(_BY_NAME.get(name.rpartition(".")[2], FieldFormat.ANY))


def graphql_name(key: str) -> str:
    """Returns the GraphQL name of a JSON key: the same, except for keys of JSON Schema that are not GraphQL names."""
    return re.sub(r"-(\w)", lambda match: match[1].upper(), key.lstrip("$"))
