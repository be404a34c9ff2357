"""What values without a type of their own may mean: those of labels, annotations and free JSON are read as they look.

A text may be read in several ways (`5m` is five thousandths and five minutes), so two values are compared in the first
way that both can be read in.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from resolvers.errors import BadUserInput
from resolvers.filters.comparing import Key, ValueType, key, operand
from resolvers.filters.shorttexts import remembered
from resolvers.pacing import batches

UNTYPED: Final = frozenset({ValueType.FREE_TEXT, ValueType.ANY})
"""Types whose values may mean anything."""

_LONGEST_CHARACTERS: Final = 128
"""Of a text that may be read in any way: the longest form, that of versions."""

_WAYS: Final = (ValueType.QUANTITY, ValueType.DURATION, ValueType.TIME, ValueType.ADDRESS, ValueType.VERSION)

Readings = Mapping[ValueType, Key]
"""What a value is compared by, for each way that it can be read in, in the order of the ways."""


def readings(value: object) -> Readings:
    """All ways to read a value that a cluster sent; none for plain texts, booleans, lists and objects."""
    if isinstance(value, str):
        return _of_text(value) if len(value) <= _LONGEST_CHARACTERS else {}
    found = key(ValueType.QUANTITY, value)
    return {} if found is None else {ValueType.QUANTITY: found}


def given_readings(given: object, *, where: str) -> Readings:
    """All ways to read a value that a query gives, `now-7d` among them."""
    try:
        time = operand(ValueType.TIME, given, where=where)
    except BadUserInput:
        return readings(given)
    return {**readings(given), ValueType.TIME: time}


async def common_way(values: Sequence[Any]) -> ValueType | None:
    """The first way in which all of the values can be read; None if there is none, or no value."""
    ways: set[ValueType] | None = None
    async for part in batches(values):
        for value in part:
            if value is not None:
                ways = readings(value).keys() & (_WAYS if ways is None else ways)
    return next((way for way in _WAYS if ways and way in ways), None)


@remembered(4096)
def _of_text(text: str) -> Readings:
    found = {way: key(way, text) for way in _WAYS}
    is_version = found[ValueType.VERSION] is not None and found[ValueType.VERSION][0] == 0
    ways = (way for way in _WAYS if found[way] is not None and (is_version or way is not ValueType.VERSION))
    return {way: found[way] for way in ways}
