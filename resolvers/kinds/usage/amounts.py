"""Amounts of processors in billionths of a core and of memory in bytes, from quantities and back, as integers.

metrics-server writes `3511876n` and `15432Ki`, of which lists have thousands; other quantities take the exact way.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import ceil
from typing import Any, Final

from resolvers.filters.quantities import canonical, quantity
from resolvers.kinds.leaves import Quantity

NANO: Final = 10**9

_CPU_UNITS: Final[Mapping[str, int]] = {"n": 1, "u": 1000, "m": 10**6}
_MEMORY_UNITS: Final[Mapping[str, int]] = {"Ki": 1024, "Mi": 1024**2, "Gi": 1024**3}
_MOST_DIGITS: Final = 18
_MOST_TEXT: Final = 64


def cpu_amount(value: Any) -> int | None:
    """Returns billionths of a core, rounded up; None if the value is no quantity."""
    if isinstance(value, str) and value[:-1].isdecimal() and len(value) <= _MOST_DIGITS and value.isascii():
        unit = _CPU_UNITS.get(value[-1])
        if unit is not None:
            return int(value[:-1]) * unit
    return _exact(value, NANO)


def memory_amount(value: Any) -> int | None:
    """Returns bytes, rounded up; None if the value is no quantity."""
    if isinstance(value, str) and value[:-2].isdecimal() and len(value) <= _MOST_DIGITS and value.isascii():
        unit = _MEMORY_UNITS.get(value[-2:])
        if unit is not None:
            return int(value[:-2]) * unit
    return _exact(value, 1)


def cpu_quantity(amount: int) -> Quantity:
    """Returns billionths of a core as a canonical quantity, such as `250m`."""
    return Quantity(canonical(Fraction(amount, NANO), in_binary=False))


def memory_quantity(amount: int) -> Quantity:
    """Returns bytes as a canonical quantity, such as `128Mi`."""
    return Quantity(canonical(Fraction(amount), in_binary=True))


AmountOf = Callable[[Any], int | None]


def ratio(part: int | None, whole: int | None) -> float | None:
    """Returns the part of a whole, 1.0 for all of it; None if one is unknown or the whole is 0."""
    return round(part / whole, 6) if part is not None and whole else None


def _exact(value: Any, times: int) -> int | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value)
    amount = quantity(text) if len(text) <= _MOST_TEXT else None
    return None if amount is None else ceil(amount * times)
