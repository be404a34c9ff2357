"""Exact totals of very many numbers and quantities, in slices."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from time import perf_counter
from typing import Any, Final

from k8s.turns.turns import Pace
from resolvers.filters.comparing import ValueType, key
from resolvers.pacing import slices

_FINEST: Final = 1 << 1074
"""Every float is a whole number of these parts."""


async def exact_total(values: Sequence[Any], pace: Pace) -> Fraction:
    """The sum of quantities, as clusters wrote them: few are distinct, and each addition is slow."""
    tally: Counter[Any] = Counter()
    async for part in slices(values):
        tally.update(part)
    total = Fraction(0)
    for value, count in tally.items():
        total += key(ValueType.QUANTITY, value) * count
        if perf_counter() > pace.until_s:
            await pace.breathe()
    return total


async def number_total(amounts: Sequence[int | float], parts: int, pace: Pace) -> int | float | None:
    """The sum of numbers, or one of `parts` of it, rounded once; None if no float is as large."""
    whole, fine, has_floats = 0, 0, False
    for amount in amounts:
        if isinstance(amount, float):
            has_floats = True
            numerator, denominator = amount.as_integer_ratio()
            fine += numerator * (_FINEST // denominator)
        else:
            whole += amount
        if perf_counter() > pace.until_s:
            await pace.breathe()
    if not has_floats and parts == 1:
        return whole
    try:
        total = (whole * _FINEST + fine) / _FINEST if has_floats else whole
        return total if parts == 1 else total / parts
    except OverflowError:
        return None
