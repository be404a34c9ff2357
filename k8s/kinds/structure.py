"""The neutral description of objects, between their sources and the GraphQL types that are made of them.

A `Structure` is a named set of fields, a `Field` a JSON key with a type. The built-in kinds come from the official
client's models (`k8s.kinds.models`); a cluster's own OpenAPI document can give the same values for custom resources.
"""

from enum import StrEnum
from keyword import iskeyword
from re import sub
from typing import Final

import msgspec

_OF_ROWS = frozenset({"selection", "open_keys", "open_readers"})
"""Attributes of the classes of rows themselves (`k8s.reading.rowtypes`, `k8s.reading.openpaths`)."""


class FieldFormat(StrEnum):
    """The format of a leaf, as Kubernetes' OpenAPI documents state it."""

    STRING = "string"
    INT32 = "int32"
    INT64 = "int64"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    BYTES = "bytes"
    QUANTITY = "quantity"
    INT_OR_STRING = "int-or-string"
    STRING_MAP = "string-map"
    QUANTITY_MAP = "quantity-map"
    ANY = "any"


class Field(msgspec.Struct, frozen=True, gc=False):
    """One JSON key.

    Attributes:
        key: The key in the JSON.
        description: The text for API users; may be empty.
        format: The format of a leaf; None for a field that holds a structure.
        structure: The name of the structure; None for a leaf.
        is_list: Whether the JSON holds a list of them.
        is_required: Whether it is always present; of Kubernetes' own fields only an object's metadata is.
    """

    key: str
    description: str
    format: FieldFormat | None = None
    structure: str | None = None
    is_list: bool = False
    is_required: bool = False

    @property
    def name(self) -> str:
        """Returns the key as a GraphQL name: itself, except for keys of JSON Schema (`$ref`, `x-kubernetes-...`)."""
        return sub(r"-(\w)", lambda match: match[1].upper(), self.key.lstrip("$"))

    @property
    def attribute(self) -> str:
        """Returns the key as a Python attribute."""
        return attribute_name(self.name)


class Structure(msgspec.Struct, frozen=True, gc=False):
    """A named set of fields, in the order of the API reference."""

    name: str
    description: str
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field | None:
        """Returns the field with this GraphQL name."""
        return next((field for field in self.fields if field.name == name), None)


GENERIC_OBJECT: Final = Structure(
    "GenericObject",
    "An object of a kind of which no structure is known: its fields are reached by `fields(path:)` and `manifest`, and "
    "paths of `where`, `orderBy` and `groups` are the paths of its JSON.",
    (Field("metadata", "The object's metadata.", structure="ObjectMeta", is_required=True),),
)
"""The structure of the objects of all kinds without one of their own."""


def attribute_name(name: str) -> str:
    """Returns a GraphQL name as a Python attribute; keywords and names of `object` and of rows get an underscore."""
    return f"{name}_" if iskeyword(name) or name.startswith("_") or name in _OF_ROWS else name
