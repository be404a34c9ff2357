"""Exact totals of many numbers and quantities, in slices."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from time import perf_counter
from typing import Any, Final

from k8s.turns.turns import Pace
from resolvers.filters.comparing import ValueType, key
from resolvers.pacing import slices

_FINEST: Final = 1 << 1074
"""The reciprocal of the smallest float; every float is a multiple of that."""


async def exact_total(values: Sequence[Any], pace: Pace) -> Fraction:
    """Returns the sum of quantities as clusters wrote them; adds equal ones once, because an addition is slow."""
    tally: Counter[Any] = Counter()
    async for batch in slices(values):
        tally.update(batch)
    total = Fraction(0)
    for value, count in tally.items():
        total += key(ValueType.QUANTITY, value) * count
        if perf_counter() > pace.until_s:
            await pace.breathe()
    return total


async def number_total(amounts: Sequence[int | float], divisor: int, pace: Pace) -> int | float | None:
    """Returns the sum of numbers divided by `divisor`, rounded once; None if it is too large for a float."""
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
    if not has_floats and divisor == 1:
        return whole
    try:
        total = (whole * _FINEST + fine) / _FINEST if has_floats else whole
        return total if divisor == 1 else total / divisor
    except OverflowError:
        return None
