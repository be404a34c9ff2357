"""Measures: processors in billionths of a core and memory in bytes, as integers.

metrics-server writes `3511876n` and `15432Ki`, of which lists have thousands; other quantities take the exact way.
"""

from collections.abc import Mapping
from typing import Any, Final

from resolvers.filters.quantities import in_thousandths
from resolvers.kinds.amounts import Amount, Notation, amount_of, printed
from resolvers.kinds.leaves import Quantity

NANO: Final = 10**9
"""Billionths of a core in a core, and of a byte in a byte."""
_CPU_UNITS: Final[Mapping[str, int]] = {"n": 1, "u": 1000, "m": 10**6}
_MEMORY_UNITS: Final[Mapping[str, int]] = {"Ki": 1024, "Mi": 1024**2, "Gi": 1024**3}
_MOST_LETTERS: Final = 18
_MOST_EXACT: Final = 64


def cpu_measure(value: Any) -> int | None:
    """Returns billionths of a core, rounded up; None if the value is no quantity."""
    if isinstance(value, str) and len(value) <= _MOST_LETTERS and (unit := _CPU_UNITS.get(value[-1:])) is not None:
        digits = value[:-1]
        if digits.isdecimal() and digits.isascii():
            return int(digits) * unit
    return _billionths(value)


def memory_measure(value: Any) -> int | None:
    """Returns bytes, rounded up; None if the value is no quantity."""
    if isinstance(value, str) and len(value) <= _MOST_LETTERS and (unit := _MEMORY_UNITS.get(value[-2:])) is not None:
        digits = value[:-2]
        if digits.isdecimal() and digits.isascii():
            return int(digits) * unit
    billionths = _billionths(value)
    return None if billionths is None else -(-billionths // NANO)


def cpu_quantity(measure: int | None) -> Quantity | None:
    """Returns billionths of a core in cores or thousandths, such as `2`, `250m` or `3.511876m`: exact and readable."""
    return None if measure is None else Quantity(in_thousandths(measure))


def memory_quantity(measure: int | None) -> Quantity | None:
    """Returns bytes as a canonical quantity, such as `128Mi`."""
    if measure is None:
        return None
    kibibytes, rest = divmod(measure, 1024)
    if not rest and kibibytes % 1024:  # nearly always
        return Quantity(f"{kibibytes}Ki")
    return printed(Amount(measure * NANO, Notation.BINARY))


def cpu_text(value: Any) -> Quantity | None:
    """Returns a quantity of processors as `cpu_quantity` writes it; None if the value is none."""
    if isinstance(value, str) and value.endswith("n") and 8 <= len(value) <= _MOST_LETTERS:
        digits = value[:-1]
        if digits.isdecimal() and digits.isascii() and digits[0] != "0" and digits[-6:] != "000000":
            return Quantity(f"{digits[:-6]}.{digits[-6:]}".rstrip("0") + "m")
    return cpu_quantity(cpu_measure(value))


def memory_text(value: Any) -> Quantity | None:
    """Returns a quantity of memory as `memory_quantity` writes it; None if the value is none."""
    return memory_quantity(memory_measure(value))


def ratio(part: int | None, whole: int | None) -> float | None:
    """Returns the part of a whole, 1.0 for all of it; None if one is unknown, or the whole is zero."""
    if part is None or not whole:
        return None
    try:
        return part / whole
    except OverflowError:
        return None


def _billionths(value: Any) -> int | None:
    amount = amount_of(value) if not isinstance(value, str) or len(value) <= _MOST_EXACT else None
    return None if amount is None else amount.billionths
