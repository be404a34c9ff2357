"""Picks of elements: `[type=Ready]` in a path is the first element of a list whose field has the value."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import Any, Final

from graph.planning.emitted import UNKNOWN, Mark
from graph.planning.valuetypes import format_of, refuse_unknown_values
from graph.schema.catalogue import RowType
from graph.schema.returns import EnumValues, returns
from k8s.kinds.structure import FieldFormat
from resolvers.arguments.paths import Pick, written
from resolvers.errors import BadUserInput
from resolvers.kinds.longlists import MAX_ITEMS
from resolvers.links.members import Derived

_USUAL_FIELDS: Final = ("name", "type", "key", "ip")
"""The fields by which Kubernetes identifies elements, the most usual first (`listMapKeys` of its API)."""

_NUMBERS: Final = frozenset({FieldFormat.INT32, FieldFormat.INT64, FieldFormat.NUMBER})
_MAPS: Final = frozenset({FieldFormat.STRING_MAP, FieldFormat.QUANTITY_MAP, FieldFormat.ANY})
_NUMBER: Final = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")
_BOOLEANS: Final = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class ElementPick:
    """The choice of the first element whose field has one of the values.

    Attributes:
        field: the name of a plain or derived field of the elements.
        values: the values as decoded; a field of numbers or texts has both.
    """

    field: str
    values: tuple[object, ...]

    def step(self, list_of: Callable[[Any], Any], field_of: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Returns a step from an object to the element; None without one, UNKNOWN if an unknown one may be it.

        Of a list of more than 10,000 elements, the first 10,000 are searched, as derived fields do.
        """
        values = self.values

        def picked(value: Any) -> Any:
            elements = list_of(value)
            if not isinstance(elements, list):
                return elements if isinstance(elements, Mark) else None
            searched = (element for element in islice(elements, MAX_ITEMS) if element is not None)
            for element in searched:
                found = field_of(element)
                if found is UNKNOWN:
                    return UNKNOWN  # this element may be the first one, and no later one is known to be it
                if found in values:
                    return element
            return None

        return picked


def element_pick(row_type: RowType, pick: Pick, text: str) -> ElementPick | None:
    """Returns the choice of an element of a type; None if the type has no field of that name with one value.

    Args:
        row_type: the type of the elements.
        pick: the step.
        text: the whole path, for errors.

    Raises:
        BadUserInput: the field has no values of that form.
    """
    value_format = _format_of(row_type, pick.field)
    if value_format is None:
        return None
    refuse_unknown_values(f"path: {text}", _enum_of(row_type, pick.field), [pick.value])
    values = _values(value_format, pick.value)
    if not values:
        raise BadUserInput(f"path: {text}: {written([pick])} never holds; {pick.field} is a number, or true or false.")
    return ElementPick(pick.field, values)


def pickable_fields(row_type: RowType) -> list[str]:
    """Returns the names of the fields by which elements of a type can be picked."""
    return [name for name in (*row_type.plain, *row_type.members) if _format_of(row_type, name) is not None]


def pick_example(row_type: RowType) -> str:
    """Returns a step that picks an element by the usual field; empty if elements of the type have none."""
    fields = pickable_fields(row_type)
    usual = next((name for name in _USUAL_FIELDS if name in fields), None)
    return f"[{usual}=...]" if usual is not None else ""


def _format_of(row_type: RowType, name: str) -> FieldFormat | None:
    """Returns the format of a field of the elements that has one value; None for others."""
    field, member = row_type.plain.get(name), row_type.members.get(name)
    found: FieldFormat | None = None
    if field is not None and field.structure is None and not field.is_list:
        found = format_of(field, row_type.hints.get(name))
    elif isinstance(member, Derived) and member.arguments is None:
        returned = returns(member.returns)
        is_enum = isinstance(returned.element, type) and issubclass(returned.element, Enum)
        element = FieldFormat.STRING if is_enum else returned.element
        found = element if isinstance(element, FieldFormat) and not returned.is_list else None
    return None if found in _MAPS else found


def _enum_of(row_type: RowType, name: str) -> EnumValues | None:
    """Returns the values of a field of the elements that is an enum; None for others."""
    member, hint = row_type.members.get(name), row_type.hints.get(name)
    found = returns(member.returns) if isinstance(member, Derived) else hint
    return found.values if found is not None else None


def _values(value_format: FieldFormat, text: str) -> tuple[object, ...]:
    number = _NUMBER.fullmatch(text)
    if value_format is FieldFormat.BOOLEAN:
        return (_BOOLEANS[text],) if text in _BOOLEANS else ()
    numbers = (int(text) if number[1] is None else float(text),) if number is not None else ()
    if value_format in _NUMBERS:
        return numbers
    is_either = value_format in {FieldFormat.INT_OR_STRING, FieldFormat.QUANTITY}
    return (text, *numbers) if is_either else (text,)
