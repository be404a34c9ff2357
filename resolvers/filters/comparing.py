"""Values as Kubernetes means them: `1500m` is more than `1`, `v1.10` later than `v1.9`.

A key is what a value is compared by. Keys of one type order totally; None is no value: it equals nothing and comes
last.
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
"""What values of one type are compared by; None for no value."""


class ValueType(Enum):
    """How the values of a field compare."""

    TEXT = "text"
    NUMBER = "a number"
    BOOLEAN = "true or false"
    QUANTITY = 'a quantity, as "1500m" or "2Gi"'
    DURATION = 'a duration, as "90s" or "1h30m"'
    TIME = 'a time, as "2026-01-31T12:00:00Z" or "now-7d"'
    VERSION = 'a version, as "v1.36.2"'
    ADDRESS = "an IP address"
    FREE_TEXT = "a text"
    ANY = "a number, a text, or true or false"


_LARGE_EXPONENT: Final = re.compile(r"[0-9.][eE][+-]?[0-9]{3,}$")
_DURATION: Final = re.compile(
    r"([+-]?)((?:(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})(?:ns|[u\u00b5\u03bc]s|ms|s|m|h)){1,20})|[+-]?0"
)
_SMALL_UNITS: Final = (("ns", 9), ("us", 6), ("\u00b5s", 6), ("\u03bcs", 6), ("ms", 3))
_DURATION_UNITS_S: Final[Mapping[str, Fraction]] = {
    **{unit: Fraction(1, 10**power) for unit, power in _SMALL_UNITS},
    **{unit: Fraction(seconds) for unit, seconds in (("s", 1), ("m", 60), ("h", 3600))},
}
"""Source: `ParseDuration` of Go's package time, as Kubernetes' `metav1.Duration` reads it."""

_LONGEST_CHARACTERS: Final[Mapping[ValueType, int]] = {
    ValueType.QUANTITY: 100,
    ValueType.DURATION: 100,
    ValueType.TIME: 64,
    ValueType.VERSION: versions.LONGEST_CHARACTERS,
    ValueType.ADDRESS: 64,
}
"""Of a text that means more than itself; longer ones are not looked at, and not remembered."""

_MOST_JSON_VALUES: Final = 20_000
_MOST_JSON_CHARACTERS: Final = 2_000_000
TOO_LARGE: Final[Key] = (4, b"")
"""The key of each list or object that is not looked at as a whole: unlike any that a query may give, and behind all."""

_SINCE: Final = re.compile(r"now(?:([+-])((?:[0-9]{1,9}[smhdw])+))?")
_LONGEST_RELATIVE: Final = 30
_UNITS_S: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def key(value_type: ValueType, value: object) -> Key:
    """What a value that a cluster sent is compared by; None where it is none of its type, TOO_LARGE where so."""
    if value is None:
        return None
    return _READERS[value_type](value)


def operand(value_type: ValueType, given: object, *, where: str) -> Key:
    """What a value that a query gives is compared by.

    Raises:
        BadUserInput: it is none of that type.
        LimitExceeded: it is a list or an object that is too large to be compared as a whole.
    """
    if isinstance(given, str):
        _refuse_long(value_type, given, where)
    if value_type is ValueType.TIME and isinstance(given, str) and (relative := _relative(given)) is not None:
        return relative
    found = key(value_type, given)
    if found is None or (value_type is ValueType.VERSION and found[0] != 0):
        raise BadUserInput(f"{where}: {_shown(given)} is not {value_type.value}.")
    if found == TOO_LARGE:
        raise LimitExceeded(
            f"{where}: the value has more than {_MOST_JSON_VALUES} values or {_MOST_JSON_CHARACTERS} characters; "
            "as a whole it is not compared. Use a path to a value in it."
        )
    return found


def _refuse_long(value_type: ValueType, given: str, where: str) -> None:
    longest = _LONGEST_CHARACTERS.get(value_type, len(given))
    if value_type is ValueType.TIME and given.startswith("now"):
        longest = _LONGEST_RELATIVE
    if len(given) > longest:
        raise BadUserInput(
            f"{where}: {_shown(given[:80])} is not {value_type.value}: it has {len(given)} characters; "
            f"at most {longest}."
        )
    if value_type is ValueType.QUANTITY and _LARGE_EXPONENT.search(given):
        raise BadUserInput(
            f"{where}: {_shown(given)} is not {value_type.value}: its exponent has more than two digits."
        )


@remembered(8192)
def duration(text: str) -> Fraction | None:
    """The exact seconds that a duration means; None if it is none."""
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
    """Whether it is a text that may mean something of a type."""
    return isinstance(value, str) and len(value) <= _LONGEST_CHARACTERS[value_type]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: object) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) and value == value else None


def _boolean(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _quantity(value: object) -> Fraction | None:
    number = _number(value)
    if number is not None:
        return Fraction(number) if abs(number) != float("inf") else None
    return quantity(value) if _is_short(value, ValueType.QUANTITY) else None


def _duration(value: object) -> Fraction | None:
    return duration(value) if _is_short(value, ValueType.DURATION) else None


def _time(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if _is_short(value, ValueType.TIME) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def _version(value: object) -> versions.VersionKey | None:
    return versions.version_key(value) if isinstance(value, str) and value else None


def _address(value: object) -> tuple[int, int] | None:
    try:
        found = ip_address(value) if _is_short(value, ValueType.ADDRESS) else None
    except ValueError:
        return None
    return (found.version, int(found)) if found is not None else None


def _any(value: object) -> Key:
    """Booleans, then numbers, then texts; whatever else by its JSON."""
    if isinstance(value, bool):
        return (0, value)
    if isinstance(value, int | float):
        return (1, value)
    return (2, value) if isinstance(value, str) else _json(value)


def _json(value: object) -> Key:
    values, characters = json_size(value, most=_MOST_JSON_VALUES)
    if values > _MOST_JSON_VALUES or characters > _MOST_JSON_CHARACTERS:
        return TOO_LARGE
    try:
        return (3, msgspec.json.encode(value, order="sorted"))
    except RecursionError:  # it was read in a thread, with more room
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


def _shown(given: object) -> str:
    text = msgspec.json.encode(given).decode()
    return text if len(text) <= 80 else f"{text[:80]}..."
