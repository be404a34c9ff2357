"""Paths into the JSON of an object of any type: `spec.source.repoURL`, `status.conditions[type=Ready].status`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any, Final

from k8s.reading.openpaths import below, open_value
from k8s.reading.rowdecoders import Row
from resolvers.arguments.paths import MapKey, Name, Pick, Step, parse_path
from resolvers.kinds.longlists import MAX_ITEMS

_NUMBER: Final = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")
_BOOLEANS: Final = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A path whose value is read from a row.

    Attributes:
        keys: the keys before the first picked element; the JSON there is decoded whole.
        rest: the steps from that pick on.
    """

    keys: tuple[str, ...]
    rest: tuple[Step, ...] = ()

    def of(self, row: Row) -> Any:
        """Returns the JSON at the path; of a list on the way, the list of its elements' values; None without any."""
        value = open_value(row, self.keys)
        for step in self.rest:
            value = _picked(value, step) if isinstance(step, Pick) else below(value, (step.text,))
        return value


def json_path(text: str) -> JsonPath:
    """Returns the path of a text.

    Raises:
        BadUserInput: it is no path, or too long.
    """
    steps = parse_path(text)
    keys = tuple(step.text for step in takewhile(_is_key, steps) if isinstance(step, Name | MapKey))
    return JsonPath(keys, steps[len(keys) :])


def pick_values(text: str) -> tuple[object, ...]:
    """Returns the values that a pick of an untyped field finds: `[port=80]` finds 80 and "80"."""
    number = _NUMBER.fullmatch(text)
    numbers = () if number is None else (int(text) if number[1] is None else float(text),)
    return (text, *numbers, *((_BOOLEANS[text],) if text in _BOOLEANS else ()))


def _is_key(step: Step) -> bool:
    return not isinstance(step, Pick)


def _picked(value: Any, pick: Pick) -> Any:
    """Returns the first element whose field has the value; of lists in a list, one of each."""
    if not isinstance(value, list):
        return None
    elements: Sequence[Any] = value[:MAX_ITEMS]
    if any(isinstance(element, list) for element in elements):
        return [_picked(element, pick) for element in elements]
    values = pick_values(pick.value)
    return next((element for element in islice(elements, MAX_ITEMS) if _has(element, pick.field, values)), None)


def _has(element: Any, field: str, values: Sequence[object]) -> bool:
    found = element.get(field) if isinstance(element, dict) else None
    return any(type(found) is type(value) and found == value for value in values)
