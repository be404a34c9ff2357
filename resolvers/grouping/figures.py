"""Figures of groups: sums, extremes and averages of the values at a path."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from operator import gt, lt
from time import perf_counter
from typing import Any, Final

from k8s.turns.turns import Pace
from resolvers.filters.comparing import TOO_LARGE, ValueType, key
from resolvers.filters.expansion import Walk
from resolvers.filters.jsondigests import json_digest
from resolvers.filters.quantities import is_binary, readable
from resolvers.filters.untyped import UNTYPED, common_type
from resolvers.grouping.totals import exact_total, number_total
from resolvers.pacing import batches

Read = Callable[[Any], Any]
_SUMMED: Final = frozenset({ValueType.NUMBER, ValueType.QUANTITY})


class Figure(Enum):
    """A figure of a group, such as the sum of its values."""

    COUNT = "COUNT"
    KEY = "KEY"
    SUM = "SUM"
    MIN = "MIN"
    MAX = "MAX"
    AVG = "AVG"

    @property
    def is_of_values(self) -> bool:
        """True if it is computed from the values at a path."""
        return self not in {Figure.COUNT, Figure.KEY}

    def fits(self, value_type: ValueType | None) -> bool:
        """Returns whether it can be computed from values of a type."""
        if self in {Figure.MIN, Figure.MAX}:
            return value_type is not None
        return value_type in _SUMMED


@dataclass(frozen=True, slots=True)
class Values:
    """The values at a path, read from the columns of an object."""

    value_type: ValueType
    read: Read

    def of(self, columns: Any) -> Sequence[Any]:
        """Returns the values of an object that are not null."""
        values = self.read(columns)
        if values is None:
            return ()
        return values if isinstance(values, list) else (values,)


async def keyed_values(value_type: ValueType, values: Iterable[Any], pace: Pace) -> list[tuple[Any, Any]]:
    """Returns pairs of key and value for the distinct values of an object or element; null if there is none."""
    by_key: dict[Any, Any] = {}
    for value in values:
        compared = key(value_type, value)
        if compared == TOO_LARGE:
            compared = (*TOO_LARGE, await json_digest(value, pace))
        by_key[compared] = value
        if perf_counter() > pace.until_s:
            await pace.breathe()
    by_key.pop(None, None)
    return list(by_key.items()) or [(None, None)]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One figure of the values at a path."""

    figure: Figure
    values: Values

    async def of(self, members: Iterable[Sequence[Any]], walk: Walk | None = None) -> Any:
        """Returns the figure over all members; null if none has a value.

        Args:
            members: the values of each member.
            walk: counts the values of objects that belong to several groups; None if none does.

        Raises:
            LimitExceeded: the operation has read too many values.
        """
        pace = Pace() if walk is None else walk.pace
        present: list[Any] = []
        for values in members:
            present += values
            if walk is not None:
                walk.expansion.count(len(values))
            if perf_counter() > pace.until_s:
                await pace.breathe()
        value_type = self.values.value_type
        if value_type in UNTYPED:
            value_type = await self._common_type(present)
        return await self._figure(await _keyed(value_type, present, pace), pace)

    async def _common_type(self, values: Sequence[Any]) -> ValueType:
        """Returns the type of untyped values; amounts are added, whatever else there is."""
        if self.figure is Figure.MIN or self.figure is Figure.MAX:
            return await common_type(values) or self.values.value_type
        are_numbers = True
        async for batch in batches(values):
            are_numbers = are_numbers and not any(isinstance(value, str) for value in batch)
        return ValueType.NUMBER if are_numbers else ValueType.QUANTITY

    async def _figure(self, keyed: Sequence[tuple[Any, Any]], pace: Pace) -> Any:
        if not keyed:
            return None
        match self.figure:
            case Figure.MIN:
                return await _extreme(keyed, lt, pace)
            case Figure.MAX:
                return await _extreme(keyed, gt, pace)
            case Figure.SUM:
                return await self._total(keyed, 1, pace)
            case _:
                return await self._total(keyed, len(keyed), pace)

    async def _total(self, keyed: Sequence[tuple[Any, Any]], divisor: int, pace: Pace) -> Any:
        if isinstance(keyed[0][0], Fraction):
            exact = await exact_total([value for _, value in keyed], pace)
            return readable(exact / divisor, in_binary=is_binary(next((text for amount, text in keyed if amount), "")))
        return await number_total([number for number, _ in keyed], divisor, pace)


async def _keyed(value_type: ValueType, values: Iterable[Any], pace: Pace) -> list[tuple[Any, Any]]:
    """Returns pairs of key and value, without values that are not of the type."""
    keyed: list[tuple[Any, Any]] = []
    for value in values:
        compared = key(value_type, value)
        if compared is not None:
            keyed.append((compared, value))
        if perf_counter() > pace.until_s:
            await pace.breathe()
    return keyed


async def _extreme(keyed: Sequence[tuple[Any, Any]], is_better: Callable[[Any, Any], bool], pace: Pace) -> Any:
    """Returns the first of the best values."""
    best = keyed[0]
    for pair in keyed:
        if is_better(pair[0], best[0]):
            best = pair
        if perf_counter() > pace.until_s:
            await pace.breathe()
    return best[1]
