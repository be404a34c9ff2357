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

from resolvers.errors import BadUserInput
from resolvers.shorttexts import remembered

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


_SUFFIXES: Final[Mapping[str, Fraction]] = {
    "": Fraction(1),
    **{suffix: Fraction(1, 1000 ** (power + 1)) for power, suffix in enumerate(("m", "u", "n"))},
    **{suffix: Fraction(1000 ** (power + 1)) for power, suffix in enumerate(("k", "M", "G", "T", "P", "E"))},
    **{suffix: Fraction(1024 ** (power + 1)) for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"))},
}
"""Source: k8s.io/apimachinery/pkg/api/resource, suffixes of `Quantity`."""

_QUANTITY: Final = re.compile(
    r"([+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40}))(?:[eE]([+-]?[0-9]{1,3})|([a-zA-Z]{0,2}))"
)
_DURATION: Final = re.compile(
    r"([+-]?)((?:(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})(?:ns|[u\u00b5\u03bc]s|ms|s|m|h)){1,20})|[+-]?0"
)
_SMALL_UNITS: Final = (("ns", 9), ("us", 6), ("\u00b5s", 6), ("\u03bcs", 6), ("ms", 3))
_DURATION_UNITS_S: Final[Mapping[str, Fraction]] = {
    **{unit: Fraction(1, 10**power) for unit, power in _SMALL_UNITS},
    **{unit: Fraction(seconds) for unit, seconds in (("s", 1), ("m", 60), ("h", 3600))},
}
"""Source: `ParseDuration` of Go's package time, as Kubernetes' `metav1.Duration` reads it."""

_VERSION: Final = re.compile(r"v?([0-9]{1,18}(?:\.[0-9]{1,18}){0,5})(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.~-]+))?")
LONGEST_CHARACTERS: Final = 1000
"""Of a text that means more than itself; longer ones are not looked at, and not remembered."""

_SINCE: Final = re.compile(r"now(?:([+-])((?:[0-9]{1,9}[smhdw])+))?")
_UNITS_S: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def key(value_type: ValueType, value: object) -> Key:
    """What a value that a cluster sent is compared by; None where it is none of its type."""
    if value is None:
        return None
    return _READERS[value_type](value)


def operand(value_type: ValueType, given: object, *, where: str) -> Key:
    """What a value that a query gives is compared by.

    Raises:
        BadUserInput: it is none of that type.
    """
    if value_type is ValueType.TIME and isinstance(given, str) and (relative := _relative(given)) is not None:
        return relative
    found = key(value_type, given)
    if found is None or (value_type is ValueType.VERSION and found[0] != 0):
        raise BadUserInput(f"{where}: {_shown(given)} is not {value_type.value}.")
    return found


@remembered(8192)
def quantity(text: str) -> Fraction | None:
    """The exact amount that a quantity means; None if it is none."""
    match = _QUANTITY.fullmatch(text)
    if match is None or (match[3] or "") not in _SUFFIXES:
        return None
    amount = Fraction(match[1])
    return amount * Fraction(10) ** int(match[2]) if match[2] else amount * _SUFFIXES[match[3] or ""]


@remembered(8192)
def duration(text: str) -> Fraction | None:
    """The exact seconds that a duration means; None if it is none."""
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    parts = re.findall(r"([0-9.]+)([^0-9.]+)", match[2] or "")
    seconds = sum((Fraction(amount) * _DURATION_UNITS_S[unit] for amount, unit in parts), Fraction(0))
    return -seconds if match[1] == "-" else seconds


@remembered(4096)
def version(text: str) -> tuple[Any, ...]:
    """Semantic version order (semver.org, section 11), build metadata last; other texts behind all versions."""
    match = _VERSION.fullmatch(text)
    if match is None:
        return (1, text)
    numbers = [int(part) for part in match[1].split(".")]
    padded = tuple(numbers + [0] * (6 - len(numbers)))
    before = tuple(_identifier(part) for part in match[2].split(".")) if match[2] else ()
    return (0, padded, not before, before, match[3] or "")


def _identifier(part: str) -> tuple[int, int, str]:
    return (0, int(part), "") if part.isdigit() and len(part) < 19 else (1, 0, part)


def _relative(text: str) -> datetime | None:
    match = _SINCE.fullmatch(text)
    if match is None:
        return None
    seconds = sum(int(amount) * _UNITS_S[unit] for amount, unit in re.findall(r"([0-9]+)([smhdw])", match[2] or ""))
    try:
        return datetime.now(UTC) + timedelta(seconds=seconds if match[1] == "+" else -seconds)
    except OverflowError:
        return None


def _is_short(value: object) -> TypeGuard[str]:
    """Whether it is a text that may mean more than itself."""
    return isinstance(value, str) and len(value) <= LONGEST_CHARACTERS


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
    return quantity(value) if _is_short(value) else None


def _duration(value: object) -> Fraction | None:
    return duration(value) if _is_short(value) else None


def _time(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if _is_short(value) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def _version(value: object) -> tuple[Any, ...] | None:
    if not isinstance(value, str) or not value:
        return None
    return version(value) if _is_short(value) else (1, value)


def _address(value: object) -> tuple[int, int] | None:
    try:
        found = ip_address(value) if _is_short(value) else None
    except ValueError:
        return None
    return (found.version, int(found)) if found is not None else None


def _any(value: object) -> tuple[int, Any]:
    """Booleans, then numbers, then texts; whatever else by its JSON."""
    if isinstance(value, bool):
        return (0, value)
    if isinstance(value, int | float):
        return (1, value)
    return (2, value) if isinstance(value, str) else (3, msgspec.json.encode(value, order="sorted"))


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
