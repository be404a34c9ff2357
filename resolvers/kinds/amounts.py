"""Amounts: quantities that can be added, subtracted and compared, and are printed as Kubernetes prints them.

An amount remembers in which format its quantity was written, since a sum is printed in the format of its first operand
that is not zero. None is an unknown amount: the result of every operation with it is unknown.

Source: `Quantity` in k8s.io/apimachinery/pkg/api/resource (`ParseQuantity`, `Add`, `Sub`, `Cmp`, `CanonicalizeBytes`).
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from resolvers.filters.quantities import UNIT, quantity, written
from resolvers.filters.quantities import Notation as Notation
from resolvers.filters.shorttexts import remembered
from resolvers.kinds.leaves import Quantity

_MOST_BINARY: Final = (2**63 - 1) * UNIT


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
    """Returns the canonical quantity, in the format of the amount; None for an unknown one."""
    return None if amount is None else Quantity(written(*amount))


@remembered(8192)
def _parsed(text: str) -> Amount | None:
    text = text.strip()
    exact = quantity(text)
    if exact is None:
        return None
    magnitude = -(-abs(exact.numerator) * UNIT // exact.denominator)
    notation = _notation(text)
    if notation == Notation.BINARY:
        magnitude = min(magnitude, _MOST_BINARY)
        if 0 < magnitude < UNIT:
            notation = Notation.DECIMAL
    return Amount(magnitude if exact >= 0 else -magnitude, notation)


def _notation(text: str) -> int:
    if text.endswith("i"):
        return Notation.BINARY
    return Notation.EXPONENT if text[-1].isdigit() and "e" in text.lower() else Notation.DECIMAL
