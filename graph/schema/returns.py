"""The types of derived fields, read from their Python annotations."""

import types
import typing
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Annotated, Any

import msgspec

from k8s.kinds.structure import Field, FieldFormat, Structure
from k8s.reading.selection import LEAF, Selection
from resolvers.kinds import leaves
from resolvers.links.members import Owner

_FORMATS: dict[object, FieldFormat] = {
    str: FieldFormat.STRING,
    int: FieldFormat.INT32,
    float: FieldFormat.NUMBER,
    bool: FieldFormat.BOOLEAN,
    leaves.Quantity: FieldFormat.QUANTITY,
    leaves.QuantityMap: FieldFormat.QUANTITY_MAP,
    leaves.Time: FieldFormat.TIME,
    leaves.StringMap: FieldFormat.STRING_MAP,
    leaves.Json: FieldFormat.ANY,
}


@dataclass(frozen=True, slots=True)
class EnumValues:
    """The name of an enum and the names of its values."""

    enum: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Returns:
    """The type of a derived field.

    Attributes:
        element: a `FieldFormat`, the class of an ID or enum, the class of a composite, or the owner of a nested type.
        is_list: whether it is a list of them.
        is_nullable: whether None is possible.
    """

    element: FieldFormat | Owner | type
    is_list: bool = False
    is_nullable: bool = False

    @property
    def composite(self) -> type[msgspec.Struct] | None:
        """Returns the class of a value with fields of its own; None for other values."""
        return self.element if isinstance(self.element, type) and issubclass(self.element, msgspec.Struct) else None

    @property
    def values(self) -> EnumValues | None:
        """Returns the values of an enum; None for other types."""
        if not isinstance(self.element, type) or not issubclass(self.element, Enum):
            return None
        return EnumValues(self.element.__name__, tuple(self.element.__members__))


@lru_cache(maxsize=4096)
def returns(annotation: object) -> Returns:
    """Returns the type of an annotation."""
    if isinstance(annotation, Owner):
        return Returns(annotation)
    if typing.get_origin(annotation) in {types.UnionType, typing.Union}:
        (inner,) = (member for member in typing.get_args(annotation) if member is not types.NoneType)
        return Returns(returns(inner).element, returns(inner).is_list, is_nullable=True)
    if typing.get_origin(annotation) is list:
        return Returns(returns(typing.get_args(annotation)[0]).element, is_list=True)
    if annotation is leaves.ObjectId:
        return Returns(leaves.ObjectId)
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct | Enum):
        return Returns(annotation)
    return Returns(_FORMATS[annotation])


def composite_structure(composite: type[msgspec.Struct]) -> Structure:
    """Returns the description of a composite value: its fields with the texts of their `Meta`."""
    hints = typing.get_type_hints(composite, include_extras=True)
    fields = tuple(_composite_field(name, hint) for name, hint in hints.items())
    return Structure(composite.__name__, " ".join((composite.__doc__ or "").split()), fields)


@lru_cache(maxsize=4096)
def composite_hints(composite: type[msgspec.Struct]) -> dict[str, Returns]:
    """Returns the type of each field of a composite value."""
    return {name: returns(_bare(hint)) for name, hint in typing.get_type_hints(composite, include_extras=True).items()}


@lru_cache(maxsize=4096)
def composite_selection(composite: type[msgspec.Struct]) -> Selection:
    """Returns the selection of all fields of a composite value, and of the composites inside it."""
    return Selection(
        tuple(
            (name, LEAF if hint.composite is None else composite_selection(hint.composite))
            for name, hint in composite_hints(composite).items()
        )
    )


def with_nested(composites: Iterable[type[msgspec.Struct]]) -> list[type[msgspec.Struct]]:
    """Returns composites and those inside them, at any depth, each once."""
    found, waiting = dict[type[msgspec.Struct], None](), list(composites)
    while waiting:
        composite = waiting.pop(0)
        if composite not in found:
            found[composite] = None
            waiting += [hint.composite for hint in composite_hints(composite).values() if hint.composite is not None]
    return [*found]


def _composite_field(name: str, hint: Any) -> Field:
    returned = returns(_bare(hint))
    description = next((meta.description or "" for meta in getattr(hint, "__metadata__", ())), "")
    leaf = returned.element if isinstance(returned.element, FieldFormat) else FieldFormat.STRING
    nested = returned.composite.__name__ if returned.composite is not None else None
    return Field(
        name,
        description,
        format=leaf if nested is None else None,
        structure=nested,
        is_list=returned.is_list,
        is_required=not returned.is_nullable,
    )


def _bare(hint: Any) -> Any:
    return typing.get_args(hint)[0] if typing.get_origin(hint) is Annotated else hint
