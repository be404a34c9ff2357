"""Values without a declared type, in labels, annotations and free JSON: their types follow from their form.

A text can have several types (`5m` is five thousandths and five minutes), so two values are compared by the first type
that both have.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from resolvers.errors import BadUserInput
from resolvers.filters.comparing import Key, ValueType, key, operand
from resolvers.filters.shorttexts import remembered
from resolvers.pacing import batches

UNTYPED: Final = frozenset({ValueType.FREE_TEXT, ValueType.ANY})
"""Types whose values can have any type."""

_MAX_CHARACTERS: Final = 128
"""Limit of a text with a type: that of versions, the longest form."""

_TYPES: Final = (ValueType.QUANTITY, ValueType.DURATION, ValueType.TIME, ValueType.ADDRESS, ValueType.VERSION)

Readings = Mapping[ValueType, Key]
"""The comparison keys of a value for each type that it can have, in the order of the types."""


def readings(value: object) -> Readings:
    """Returns the keys of a value that a cluster sent by type; none for plain texts, booleans, lists and objects."""
    if isinstance(value, str):
        return _of_text(value) if len(value) <= _MAX_CHARACTERS else {}
    amount = key(ValueType.QUANTITY, value)
    return {} if amount is None else {ValueType.QUANTITY: amount}


def operand_readings(value: object, *, where: str) -> Readings:
    """Returns the keys of a value in a query by type; relative times such as `now-7d` have one."""
    try:
        time = operand(ValueType.TIME, value, where=where)
    except BadUserInput:
        return readings(value)
    return {**readings(value), ValueType.TIME: time}


async def common_type(values: Sequence[Any]) -> ValueType | None:
    """Returns the first type that all of the values have; None if there is none, or no value."""
    common: set[ValueType] | None = None
    async for batch in batches(values):
        for value in batch:
            if value is not None:
                common = readings(value).keys() & (_TYPES if common is None else common)
    return next((value_type for value_type in _TYPES if common and value_type in common), None)


@remembered(4096)
def _of_text(text: str) -> Readings:
    keys = {value_type: key(value_type, text) for value_type in _TYPES}
    is_version = keys[ValueType.VERSION] is not None and keys[ValueType.VERSION][0] == 0
    return {
        value_type: own
        for value_type, own in keys.items()
        if own is not None and (is_version or value_type is not ValueType.VERSION)
    }
