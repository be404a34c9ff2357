"""Formats of leaves, from the types and formats of JSON Schema.

A type that is not here is JSON. Sources: the OpenAPI documents of Kubernetes, and "Specifying a structural schema" of
its manual on custom resources.
"""

from collections.abc import Mapping
from typing import Final

from k8s.kinds.structure import FieldFormat
from k8s.schemas.pieces import as_list, as_text

INT_OR_STRING: Final = "x-kubernetes-int-or-string"
_QUANTITY_PATTERN: Final = (
    r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|"
    r"([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$"
)
"""The pattern that controller-gen gives to every `resource.Quantity`, which has no other mark in a CRD."""

_BY_TYPE: Final[Mapping[tuple[str, str], FieldFormat]] = {
    ("string", ""): FieldFormat.STRING,
    ("string", "date-time"): FieldFormat.TIME,
    ("string", "byte"): FieldFormat.BYTES,
    ("string", "quantity"): FieldFormat.QUANTITY,
    ("string", "int-or-string"): FieldFormat.INT_OR_STRING,
    ("integer", ""): FieldFormat.INT64,
    ("integer", "int32"): FieldFormat.INT32,
    ("number", ""): FieldFormat.NUMBER,
    ("boolean", ""): FieldFormat.BOOLEAN,
}
"""Formats by type and format; a format that is not here is that of its type (`integer` has 64 bits)."""

_MAPS: Final[Mapping[FieldFormat | None, FieldFormat]] = {
    FieldFormat.STRING: FieldFormat.STRING_MAP,
    FieldFormat.BYTES: FieldFormat.STRING_MAP,
    FieldFormat.QUANTITY: FieldFormat.QUANTITY_MAP,
}
_SUFFIXES: Final = {
    ".api.resource.Quantity": FieldFormat.QUANTITY,
    ".util.intstr.IntOrString": FieldFormat.INT_OR_STRING,
    ".meta.v1.Time": FieldFormat.TIME,
    ".meta.v1.MicroTime": FieldFormat.TIME,
}
"""Formats of Kubernetes' own types in OpenAPI documents, by the end of their name."""


def named_format(name: str) -> FieldFormat | None:
    """Returns the format of a type of Kubernetes that is a leaf, by its name in an OpenAPI document."""
    return next((leaf for end, leaf in _SUFFIXES.items() if name.endswith(end)), None)


def leaf_format(schema: Mapping[str, object]) -> FieldFormat:
    """Returns the format of a schema that is no list and no object with known fields."""
    if schema.get(INT_OR_STRING) is True:
        is_quantity = as_text(schema.get("pattern")) == _QUANTITY_PATTERN
        return FieldFormat.QUANTITY if is_quantity else FieldFormat.INT_OR_STRING
    type_name, format_name = schema_type(schema), as_text(schema.get("format"))
    if not type_name and format_name == "int-or-string":
        return FieldFormat.INT_OR_STRING
    return _BY_TYPE.get((type_name, format_name)) or _BY_TYPE.get((type_name, ""), FieldFormat.ANY)


def map_format(values: FieldFormat | None) -> FieldFormat:
    """Returns the format of a map whose values have a format; None for values that are objects."""
    return _MAPS.get(values, FieldFormat.ANY)


def schema_type(schema: Mapping[str, object]) -> str:
    """Returns the type of a schema; of a list of types (OpenAPI 3.1) the one beside `null`, else an empty text."""
    found = schema.get("type")
    names = [name for name in as_list(found) if name != "null"]
    return as_text(names[0]) if len(names) == 1 else as_text(found)
