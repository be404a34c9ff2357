"""Structures read from schemas that tests write by hand."""

from collections.abc import Mapping

import msgspec

from k8s.kinds.structure import Field, Structure
from k8s.schemas.kindschema import KindSchema
from k8s.schemas.limits import SchemaLimits
from k8s.schemas.schemareader import SchemaReader
from k8s.turns.pauses import Pauses

STANDARD = SchemaLimits()


def raw(value: object) -> msgspec.Raw:
    """Returns a value as text, as documents hold it."""
    return msgspec.Raw(msgspec.json.encode(value))


def read(
    spec: object, *, components: Mapping[str, object] | None = None, limits: SchemaLimits = STANDARD
) -> tuple[tuple[Structure, ...], tuple[str, ...]]:
    """Returns the structures of a kind whose `spec` has a schema, and the problems."""
    named = {name: raw(schema) for name, schema in (components or {}).items()}
    reader = SchemaReader(named, limits, Pauses())
    return reader.read(raw({"type": "object", "properties": {"spec": spec}})), reader.problems


def spec_field(spec: object, *, components: Mapping[str, object] | None = None) -> Field:
    """Returns the field that a schema gives."""
    structures, _ = read(spec, components=components)
    return fields_of(structures, "0")["spec"]


def fields_of(structures: tuple[Structure, ...], place: str) -> dict[str, Field]:
    """Returns the fields of a structure by key."""
    return {field.key: field for field in structures[int(place)].fields}


def kind_schema(
    spec: object, *, group: str = "acme.io", version: str = "v1", name: str = "Goose", plural: str = "geese"
) -> KindSchema:
    """Returns a kind whose `spec` has a schema."""
    structures, problems = read(spec)
    return KindSchema(group, version, name, plural, namespaced=True, structures=structures, problems=problems)
