"""Quantities of Kubernetes, parsed to exact amounts and written in canonical form.

Source: `Quantity` in k8s.io/apimachinery/pkg/api/resource. Its canonical form has no fraction and the largest suffix
that leaves none; amounts finer than a billionth are rounded up.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from math import ceil
from typing import Final

from resolvers.filters.shorttexts import remembered

UNIT: Final = 10**9
"""The billionths of 1; a billionth is the smallest amount."""

_THOUSANDTH: Final = UNIT // 1000

_BINARY: Final = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_DECIMAL: Final = ("n", "u", "m", "", "k", "M", "G", "T", "P", "E")
_SUFFIXES: Final[Mapping[str, Fraction]] = {
    "": Fraction(1),
    **{suffix: Fraction(1, 1000 ** (power + 1)) for power, suffix in enumerate(("m", "u", "n"))},
    **{suffix: Fraction(1000 ** (power + 1)) for power, suffix in enumerate(("k", "M", "G", "T", "P", "E"))},
    **{suffix: Fraction(1024 ** (power + 1)) for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"))},
}

_QUANTITY: Final = re.compile(
    r"([+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40}))(?:[eE]([+-]?[0-9]{1,2})|([a-zA-Z]{0,2}))"
)
"""Kubernetes' own amounts are at most 2^63 and at least a billionth; larger exponents would only cost time."""


class Notation:
    """The formats of quantities: with a suffix for a power of 1000 or of 1024, or with an exponent.

    They are plain numbers, because texts are looked up by them.
    """

    DECIMAL: Final = 0
    BINARY: Final = 1
    EXPONENT: Final = 2


@remembered(8192)
def quantity(text: str) -> Fraction | None:
    """Returns the exact amount of a quantity; None if the text is none."""
    match = _QUANTITY.fullmatch(text)
    if match is None or (match[3] or "") not in _SUFFIXES:
        return None
    amount = Fraction(match[1])
    return amount * Fraction(10) ** int(match[2]) if match[2] else amount * _SUFFIXES[match[3] or ""]


def is_binary(text: object) -> bool:
    """Returns whether a quantity is written in powers of 1024."""
    return isinstance(text, str) and text.endswith("i")


def readable(amount: Fraction, *, in_binary: bool) -> str:
    """Returns the quantity of an amount, in powers of 1024 or of 1000; fine amounts as `in_thousandths`."""
    billionths = ceil(amount * UNIT)
    return written(billionths, Notation.BINARY) if in_binary else in_thousandths(billionths)


def in_thousandths(billionths: int) -> str:
    """Returns the canonical quantity; one finer than a thousandth in thousandths with decimals, such as `224.085m`.

    Canonical form has no decimals, so that it would be `224085u`, which nobody reads beside the `225m` of kubectl.
    Quantities with decimals are valid: `ParseQuantity` reads them.
    """
    if not billionths % _THOUSANDTH:
        return written(billionths, Notation.DECIMAL)
    whole, fine = divmod(abs(billionths), _THOUSANDTH)
    return f"{'-' if billionths < 0 else ''}{whole}.{fine:06}".rstrip("0") + "m"


@lru_cache(maxsize=8192)
def written(billionths: int, notation: int) -> str:
    """Returns the canonical quantity: no fraction, and the largest suffix or exponent that leaves none.

    Amounts in powers of 1024 that are less than 1024 or have a fraction are written in powers of 1000.
    """
    if not billionths:
        return "0"
    if notation == Notation.BINARY and abs(billionths) >= 1024 * UNIT and not billionths % UNIT:
        number, place = _reduced(billionths // UNIT, 1024, most=len(_BINARY) - 1)
        return f"{number}{_BINARY[place]}"
    if notation == Notation.EXPONENT:
        number, place = _reduced(billionths, 1000, most=100)
        return f"{number}e{3 * place - 9}" if place != 3 else str(number)
    number, place = _reduced(billionths, 1000, most=len(_DECIMAL) - 1)
    return f"{number}{_DECIMAL[place]}"


def _reduced(number: int, base: int, *, most: int) -> tuple[int, int]:
    """Returns a number divided by the base until it has no such factor, at most `most` times, and how often."""
    place = 0
    while place < most and not number % base:
        number, place = number // base, place + 1
    return number, place
