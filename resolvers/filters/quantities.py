"""Quantities of Kubernetes, parsed to exact amounts and written in canonical form.

Source: `Quantity` in k8s.io/apimachinery/pkg/api/resource. Its canonical form has no fraction and the largest suffix
that leaves none; amounts finer than a billionth are rounded up.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from math import ceil
from typing import Final

from resolvers.filters.shorttexts import remembered

_BINARY: Final = ("Ei", "Pi", "Ti", "Gi", "Mi", "Ki")
_DECIMAL: Final = ("E", "P", "T", "G", "M", "k", "", "m", "u", "n")
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


def canonical(amount: Fraction, *, in_binary: bool) -> str:
    """Returns the quantity of an amount, in powers of 1024 or of 1000."""
    billionths = ceil(amount * 10**9)
    if in_binary and billionths % 10**9 == 0:
        return _largest(billionths // 10**9, _BINARY, 1024)
    for place, suffix in enumerate(_DECIMAL):
        unit = Fraction(1000) ** (6 - place) * 10**9
        if billionths and billionths % unit == 0:
            return f"{billionths // int(unit)}{suffix}"
    return "0"


def _largest(whole: int, suffixes: tuple[str, ...], base: int) -> str:
    for place, suffix in enumerate(suffixes):
        unit = base ** (len(suffixes) - place)
        if whole and whole % unit == 0:
            return f"{whole // unit}{suffix}"
    return str(whole)
