"""Comparison of values by their type in Kubernetes: `1500m` is more than `1`, `v1.10` later than `v1.9`.

Values are compared by their keys. Keys of one type order totally. The key None means no value: it equals nothing
and comes last.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from fractions import Fraction
from ipaddress import ip_address
from typing import Any, Final, TypeGuard

import msgspec

from resolvers.errors import BadUserInput, LimitExceeded
from resolvers.filters import versions
from resolvers.filters.jsonsizes import json_size
from resolvers.filters.quantities import quantity
from resolvers.filters.shorttexts import remembered

Key = Any
"""The comparison key of a value; None for no value."""


class ValueType(Enum):
    """The type by which the values of a field compare."""

    TEXT = "text"
    NUMBER = "a number"
    BOOLEAN = "true or false"
    QUANTITY = 'a quantity such as "1500m" or "2Gi"'
    DURATION = 'a duration such as "90s" or "1h30m"'
    TIME = 'a time such as "2026-01-31T12:00:00Z" or "now-7d"'
    VERSION = 'a version such as "v1.36.2"'
    ADDRESS = "an IP address"
    FREE_TEXT = "a text"
    ANY = "a number, a text, or true or false"


_SHARE: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})? ?%")
_LARGE_EXPONENT: Final = re.compile(r"[0-9.][eE][+-]?[0-9]{3,}$")
_DURATION: Final = re.compile(
    r"([+-]?)((?:(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})(?:ns|[u\u00b5\u03bc]s|ms|s|m|h)){1,20})|[+-]?0"
)
_SMALL_UNITS: Final = (("ns", 9), ("us", 6), ("\u00b5s", 6), ("\u03bcs", 6), ("ms", 3))
_DURATION_UNITS_S: Final[Mapping[str, Fraction]] = {
    **{unit: Fraction(1, 10**power) for unit, power in _SMALL_UNITS},
    **{unit: Fraction(seconds) for unit, seconds in (("s", 1), ("m", 60), ("h", 3600))},
}
"""Source: `ParseDuration` of Go's package time, which Kubernetes' `metav1.Duration` uses."""

_MAX_CHARACTERS: Final[Mapping[ValueType, int]] = {
    ValueType.QUANTITY: 100,
    ValueType.DURATION: 100,
    ValueType.TIME: 64,
    ValueType.VERSION: versions.MAX_CHARACTERS,
    ValueType.ADDRESS: 64,
}
"""Limits of texts with a type of their own; longer ones are not parsed, and not cached."""

_MAX_JSON_VALUES: Final = 20_000
_MAX_JSON_CHARACTERS: Final = 2_000_000
TOO_LARGE: Final[Key] = (4, b"")
"""The key of lists and objects that are too large to be compared; no operand has it, and it comes after all others."""

_SINCE: Final = re.compile(r"now(?:([+-])((?:[0-9]{1,9}[smhdw])+))?")
_MAX_RELATIVE_CHARACTERS: Final = 30
_UNITS_S: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def key(value_type: ValueType, value: object) -> Key:
    """Returns the key of a value that a cluster sent: None if it is not of the type, TOO_LARGE if it is too large."""
    if value is None:
        return None
    return _READERS[value_type](value)


def operand(value_type: ValueType, value: object, *, where: str) -> Key:
    """Returns the key of a value in a query.

    Raises:
        BadUserInput: it is not of the type.
        LimitExceeded: it is a list or an object that is too large to be compared as a whole.
    """
    if isinstance(value, str):
        _refuse_long(value_type, value, where)
    if value_type is ValueType.TIME and isinstance(value, str) and (relative := _relative(value)) is not None:
        return relative
    operand_key = key(value_type, value)
    if operand_key is None or (value_type is ValueType.VERSION and operand_key[0] != 0):
        if value_type is ValueType.NUMBER and isinstance(value, str) and _SHARE.fullmatch(value):
            raise BadUserInput(
                f"{where}: {_quoted(value)} is not {value_type.value}: ratios are parts of 1, so 90 % is 0.9."
            )
        raise BadUserInput(f"{where}: {_quoted(value)} is not {value_type.value}.")
    if operand_key == TOO_LARGE:
        raise LimitExceeded(
            f"{where}: the value has more than {_MAX_JSON_VALUES} values or {_MAX_JSON_CHARACTERS} characters; "
            "it is too large to be compared as a whole. Use a path to a value in it."
        )
    return operand_key


def _refuse_long(value_type: ValueType, text: str, where: str) -> None:
    limit = _MAX_CHARACTERS.get(value_type, len(text))
    if value_type is ValueType.TIME and text.startswith("now"):
        limit = _MAX_RELATIVE_CHARACTERS
    if len(text) > limit:
        raise BadUserInput(
            f"{where}: {_quoted(text[:80])} is not {value_type.value}: it has {len(text)} characters; "
            f"the limit is {limit}."
        )
    if value_type is ValueType.QUANTITY and _LARGE_EXPONENT.search(text):
        raise BadUserInput(
            f"{where}: {_quoted(text)} is not {value_type.value}: its exponent has more than two digits."
        )


@remembered(8192)
def duration(text: str) -> Fraction | None:
    """Returns the exact seconds of a duration; None if the text is none."""
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    parts = re.findall(r"([0-9.]+)([^0-9.]+)", match[2] or "")
    seconds = sum((Fraction(amount) * _DURATION_UNITS_S[unit] for amount, unit in parts), Fraction(0))
    return -seconds if match[1] == "-" else seconds


def _relative(text: str) -> datetime | None:
    match = _SINCE.fullmatch(text)
    if match is None:
        return None
    seconds = sum(int(amount) * _UNITS_S[unit] for amount, unit in re.findall(r"([0-9]+)([smhdw])", match[2] or ""))
    try:
        return datetime.now(UTC) + timedelta(seconds=seconds if match[1] == "+" else -seconds)
    except OverflowError:
        return None


def _is_short(value: object, value_type: ValueType) -> TypeGuard[str]:
    """Returns whether a value is a text within the limit of its type."""
    return isinstance(value, str) and len(value) <= _MAX_CHARACTERS[value_type]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: object) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) and value == value else None


def _boolean(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _quantity(value: object) -> Fraction | None:
    number = _number(value)
    if number is not None:
        return Fraction(repr(number)) if abs(number) != float("inf") else None  # 0.2 is the decimal, as 200m
    return quantity(value) if _is_short(value, ValueType.QUANTITY) else None


def _duration(value: object) -> Fraction | None:
    return duration(value) if _is_short(value, ValueType.DURATION) else None


def _time(value: object) -> datetime | None:
    try:
        time = datetime.fromisoformat(value) if _is_short(value, ValueType.TIME) else None
    except ValueError:
        return None
    return time if time is not None and time.tzinfo is not None else None


def _version(value: object) -> versions.VersionKey | None:
    return versions.version_key(value) if isinstance(value, str) and value else None


def _address(value: object) -> tuple[int, int] | None:
    try:
        address = ip_address(value) if _is_short(value, ValueType.ADDRESS) else None
    except ValueError:
        return None
    return (address.version, int(address)) if address is not None else None


def _any(value: object) -> Key:
    """Returns a key that orders booleans, then numbers, then texts, then all else by its JSON."""
    if isinstance(value, bool):
        return (0, value)
    if isinstance(value, int | float):
        return (1, value)
    return (2, value) if isinstance(value, str) else _json(value)


def _json(value: object) -> Key:
    values, characters = json_size(value, most=_MAX_JSON_VALUES)
    if values > _MAX_JSON_VALUES or characters > _MAX_JSON_CHARACTERS:
        return TOO_LARGE
    try:
        return (3, msgspec.json.encode(value, order="sorted"))
    except RecursionError:  # it was decoded in a thread with a larger stack
        return TOO_LARGE


_READERS: Final[Mapping[ValueType, Callable[[object], Key]]] = {
    ValueType.TEXT: _text,
    ValueType.NUMBER: _number,
    ValueType.BOOLEAN: _boolean,
    ValueType.QUANTITY: _quantity,
    ValueType.DURATION: _duration,
    ValueType.TIME: _time,
    ValueType.VERSION: _version,
    ValueType.ADDRESS: _address,
    ValueType.FREE_TEXT: _text,
    ValueType.ANY: _any,
}


def _quoted(value: object) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 80 else f"{text[:80]}..."
