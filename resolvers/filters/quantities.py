"""Quantities as Kubernetes writes them.

Source: the canonical form of `Quantity` in k8s.io/apimachinery/pkg/api/resource: no fraction, and the largest suffix
that leaves none; amounts finer than a billionth are rounded up.
"""

from fractions import Fraction
from math import ceil
from typing import Final

_BINARY: Final = ("Ei", "Pi", "Ti", "Gi", "Mi", "Ki")
_DECIMAL: Final = ("E", "P", "T", "G", "M", "k", "", "m", "u", "n")


def is_binary(text: object) -> bool:
    """Whether a quantity is written in powers of 1024."""
    return isinstance(text, str) and text.endswith("i")


def canonical(amount: Fraction, *, in_binary: bool) -> str:
    """A quantity of this amount, in powers of 1024 or of 1000."""
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
