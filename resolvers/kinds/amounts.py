"""Amounts: quantities that can be added, subtracted and compared, and are printed as Kubernetes prints them.

An amount remembers in which format its quantity was written, since a sum is printed in the format of its first operand
that is not zero. None is an unknown amount: the result of every operation with it is unknown.

Source: `Quantity` in k8s.io/apimachinery/pkg/api/resource (`ParseQuantity`, `Add`, `Sub`, `Cmp`, `CanonicalizeBytes`).
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from resolvers.filters.quantities import quantity
from resolvers.filters.shorttexts import remembered
from resolvers.kinds.leaves import Quantity

_UNIT: Final = 10**9
_MOST_BINARY: Final = (2**63 - 1) * _UNIT
_DECIMAL_SUFFIXES: Final = ("n", "u", "m", "", "k", "M", "G", "T", "P", "E")
_BINARY_SUFFIXES: Final = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")


class Notation:
    """The formats of quantities: with a suffix for a power of 1000 or of 1024, or with an exponent.

    They are plain numbers, because sums are looked up by them.
    """

    DECIMAL: Final = 0
    BINARY: Final = 1
    EXPONENT: Final = 2


class Amount(NamedTuple):
    """An amount in billionths, the smallest unit of Kubernetes, and the format in which it is printed.

    Attributes:
        billionths: the number.
        notation: one of `Notation`.
    """

    billionths: int
    notation: int = Notation.DECIMAL


ZERO: Final = Amount(0)


def amount_of(value: object) -> Amount | None:
    """Returns the amount of a quantity as clusters send it, a text or a number; None if it is none."""
    if isinstance(value, str):
        return _parsed(value)
    return _parsed(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None


def plus(one: Amount | None, other: Amount | None) -> Amount | None:
    """Returns the sum, in the format of the first amount unless that is zero."""
    if one is None or other is None:
        return None
    billionths, notation = one
    return Amount(billionths + other[0], notation if billionths else other[1])


def minus(one: Amount | None, other: Amount | None) -> Amount | None:
    """Returns the difference, in the format of the first amount unless that is zero."""
    if one is None or other is None:
        return None
    billionths, notation = one
    return Amount(billionths - other[0], notation if billionths else other[1])


def larger(one: Amount | None, other: Amount | None) -> Amount | None:
    """Returns the larger amount; the first one if both are equal."""
    if one is None or other is None:
        return None
    return other if other[0] > one[0] else one


def total(amounts: Iterable[Amount | None]) -> Amount | None:
    """Returns the sum of all amounts; zero for none."""
    result: Amount | None = ZERO
    for amount in amounts:
        result = plus(result, amount)
    return result


def ratio(part: Amount | None, whole: Amount | None) -> float | None:
    """Returns the part of a whole as a fraction of 1, such as 0.9; None if one is unknown, or the whole is zero."""
    if part is None or whole is None or not whole[0]:
        return None
    try:
        return part[0] / whole[0]
    except OverflowError:
        return None


def printed(amount: Amount | None) -> Quantity | None:
    """Returns the canonical quantity: no fraction, and the largest suffix or exponent that leaves none.

    Amounts in powers of 1024 that are less than 1024 or have a fraction are printed in powers of 1000.
    """
    return None if amount is None else _printed(*amount)


@lru_cache(maxsize=8192)
def _printed(billionths: int, notation: int) -> Quantity:
    if not billionths:
        return Quantity("0")
    if notation == Notation.BINARY and abs(billionths) >= 1024 * _UNIT and not billionths % _UNIT:
        number, place = _reduced(billionths // _UNIT, 1024, most=len(_BINARY_SUFFIXES) - 1)
        return Quantity(f"{number}{_BINARY_SUFFIXES[place]}")
    if notation == Notation.EXPONENT:
        number, place = _reduced(billionths, 1000, most=100)
        return Quantity(f"{number}e{3 * place - 9}" if place != 3 else str(number))
    number, place = _reduced(billionths, 1000, most=len(_DECIMAL_SUFFIXES) - 1)
    return Quantity(f"{number}{_DECIMAL_SUFFIXES[place]}")


def _reduced(number: int, base: int, *, most: int) -> tuple[int, int]:
    """Returns a number divided by the base until it has no such factor, at most `most` times, and how often."""
    place = 0
    while place < most and not number % base:
        number, place = number // base, place + 1
    return number, place


@remembered(8192)
def _parsed(text: str) -> Amount | None:
    text = text.strip()
    exact = quantity(text)
    if exact is None:
        return None
    magnitude = -(-abs(exact.numerator) * _UNIT // exact.denominator)
    notation = _notation(text)
    if notation == Notation.BINARY:
        magnitude = min(magnitude, _MOST_BINARY)
        if 0 < magnitude < _UNIT:
            notation = Notation.DECIMAL
    return Amount(magnitude if exact >= 0 else -magnitude, notation)


def _notation(text: str) -> int:
    if text.endswith("i"):
        return Notation.BINARY
    return Notation.EXPONENT if text[-1].isdigit() and "e" in text.lower() else Notation.DECIMAL
