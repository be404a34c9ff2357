"""Picks of elements: `[type=Ready]` in a path is the first element of a list whose field has the value."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from graph.planning.valuetypes import format_of
from graph.schema.catalogue import RowType
from k8s.kinds.structure import Field, FieldFormat
from resolvers.arguments.paths import Pick, written
from resolvers.errors import BadUserInput
from resolvers.kinds.longlists import MAX_ITEMS

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
        field: the name of a plain field of the elements.
        values: the values as decoded; a field of numbers or texts has both.
    """

    field: str
    values: tuple[object, ...]

    def step(self, list_of: Callable[[Any], Any], field_of: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Returns a step from an object to the element; None without one.

        Of a list of more than 10,000 elements, the first 10,000 are searched, as derived fields do.
        """
        values = self.values

        def picked(value: Any) -> Any:
            elements = list_of(value)
            if not isinstance(elements, list):
                return None
            searched = (element for element in islice(elements, MAX_ITEMS) if element is not None)
            return next((element for element in searched if field_of(element) in values), None)

        return picked


def element_pick(row_type: RowType, pick: Pick, text: str) -> ElementPick | None:
    """Returns the choice of an element of a type; None if the type has no plain field of that name.

    Args:
        row_type: the type of the elements.
        pick: the step.
        text: the whole path, for errors.

    Raises:
        BadUserInput: the field has no values of that form.
    """
    field = row_type.plain.get(pick.field)
    if field is None or not _is_plain(row_type, field):
        return None
    values = _values(format_of(field, row_type.hints.get(pick.field)), pick.value)
    if not values:
        raise BadUserInput(f"path: {text}: {written([pick])} never holds; {pick.field} is a number, or true or false.")
    return ElementPick(pick.field, values)


def pickable_fields(row_type: RowType) -> list[str]:
    """Returns the names of the fields by which elements of a type can be picked."""
    return [name for name, field in row_type.plain.items() if _is_plain(row_type, field)]


def pick_example(row_type: RowType) -> str:
    """Returns a step that picks an element by the usual field; empty if elements of the type have none."""
    fields = pickable_fields(row_type)
    usual = next((name for name in _USUAL_FIELDS if name in fields), None)
    return f"[{usual}=...]" if usual is not None else ""


def _is_plain(row_type: RowType, field: Field) -> bool:
    return (
        field.structure is None and not field.is_list and format_of(field, row_type.hints.get(field.name)) not in _MAPS
    )


def _values(value_format: FieldFormat, text: str) -> tuple[object, ...]:
    number = _NUMBER.fullmatch(text)
    if value_format is FieldFormat.BOOLEAN:
        return (_BOOLEANS[text],) if text in _BOOLEANS else ()
    numbers = (int(text) if number[1] is None else float(text),) if number is not None else ()
    if value_format in _NUMBERS:
        return numbers
    is_either = value_format in {FieldFormat.INT_OR_STRING, FieldFormat.QUANTITY}
    return (text, *numbers) if is_either else (text,)
