"""Objects in groups of equal values, with sums, extremes and averages of other values."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from itertools import product
from operator import gt, lt
from time import perf_counter
from typing import Any, Final

from k8s.turns.turns import Pace
from resolvers.errors import LimitExceeded
from resolvers.filters.comparing import TOO_LARGE, ValueType, key
from resolvers.filters.expansion import Expansion, Walk
from resolvers.filters.jsondigests import json_digest
from resolvers.filters.ordering import sorted_places
from resolvers.filters.quantities import canonical, is_binary
from resolvers.filters.totals import exact_total, number_total
from resolvers.filters.untyped import UNTYPED, common_way
from resolvers.pacing import mapped, taken, worked

Read = Callable[[Any], Any]
_SUMMED: Final = frozenset({ValueType.NUMBER, ValueType.QUANTITY})


class Figure(Enum):
    """What is computed of the values of a group."""

    COUNT = "COUNT"
    KEY = "KEY"
    SUM = "SUM"
    MIN = "MIN"
    MAX = "MAX"
    AVG = "AVG"

    @property
    def is_of_values(self) -> bool:
        """Whether it is computed of the values at a path."""
        return self not in {Figure.COUNT, Figure.KEY}

    def fits(self, value_type: ValueType | None) -> bool:
        """Whether it can be computed of such values."""
        if self in {Figure.MIN, Figure.MAX}:
            return value_type is not None
        return value_type in _SUMMED


@dataclass(frozen=True, slots=True)
class Values:
    """The values at a path, of what was looked at of an object."""

    value_type: ValueType
    read: Read

    def of(self, looked_at: Any) -> Sequence[Any]:
        """Those that are there."""
        found = self.read(looked_at)
        if found is None:
            return ()
        return found if isinstance(found, list) else (found,)

    async def distinct(self, looked_at: Any, pace: Pace) -> list[tuple[Any, Any]]:
        """Each once, with what it is compared by; null where there is none."""
        found: dict[Any, Any] = {}
        for value in self.of(looked_at):
            compared = key(self.value_type, value)
            if compared == TOO_LARGE:
                compared = (*TOO_LARGE, await json_digest(value, pace))
            found[compared] = value
            if perf_counter() > pace.until_s:
                await pace.breathe()
        found.pop(None, None)
        return list(found.items()) or [(None, None)]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One figure of the values at a path."""

    figure: Figure
    values: Values

    async def of(self, members: Iterable[Any], walk: Walk | None = None) -> Any:
        """The figure over all members; null where none has a value.

        Args:
            members: what was looked at of each.
            walk: counts the values of objects that stand in several groups; None where none does.

        Raises:
            LimitExceeded: the operation has read too many values.
        """
        pace = Pace() if walk is None else walk.pace
        present: list[Any] = []
        for member in members:
            found = self.values.of(member)
            present += found
            if walk is not None:
                walk.expansion.count(len(found))
            if perf_counter() > pace.until_s:
                await pace.breathe()
        value_type = self.values.value_type
        if value_type in UNTYPED:
            value_type = await common_way(present) or value_type
        return await self._figure(await _keyed(value_type, present, pace), pace)

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

    async def _total(self, keyed: Sequence[tuple[Any, Any]], parts: int, pace: Pace) -> Any:
        if self.values.value_type is ValueType.QUANTITY:
            exact = await exact_total([value for _, value in keyed], pace)
            return canonical(exact / parts, in_binary=is_binary(keyed[0][1]))
        return await number_total([each for each, _ in keyed], parts, pace)


async def _keyed(value_type: ValueType, values: Iterable[Any], pace: Pace) -> list[tuple[Any, Any]]:
    """Values with what they are compared by; those that are none of their type are left out."""
    keyed: list[tuple[Any, Any]] = []
    for value in values:
        compared = key(value_type, value)
        if compared is not None:
            keyed.append((compared, value))
        if perf_counter() > pace.until_s:
            await pace.breathe()
    return keyed


async def _extreme(keyed: Sequence[tuple[Any, Any]], is_better: Callable[[Any, Any], bool], pace: Pace) -> Any:
    """The first of the best values."""
    best = keyed[0]
    for pair in keyed:
        if is_better(pair[0], best[0]):
            best = pair
        if perf_counter() > pace.until_s:
            await pace.breathe()
    return best[1]


@dataclass(slots=True)
class Group:
    """Objects with equal values.

    Attributes:
        key: the values, by the paths.
        compared: what they are compared by.
        indexes: of the objects.
        figures: one for each aggregate.
    """

    key: list[Any]
    compared: tuple[Any, ...]
    indexes: list[int] = field(default_factory=list)
    figures: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class GroupOrder:
    """One part of the order of groups; `place` is that of the aggregate, where the figure is of values."""

    figure: Figure
    is_descending: bool
    place: int = 0


async def grouped(
    looked_at: Sequence[Any],
    by: Sequence[Values],
    aggregates: Sequence[Aggregate],
    *,
    most: int,
    expansion: Expansion,
) -> list[Group]:
    """The groups, with their figures; an object with several values at a path is in several groups.

    Raises:
        LimitExceeded: objects stand in more than `most` groups altogether, or figures need too many values.
    """
    groups: dict[tuple[Any, ...], Group] = {}
    standing, walk = 0, Walk(expansion)
    pace = walk.pace
    for index, each in enumerate(looked_at):
        for combination in product(*[await values.distinct(each, pace) for values in by]):
            standing += 1
            if standing > most:
                raise LimitExceeded(f"groups: objects stand in more than {most} groups altogether; group by less.")
            compared = tuple(compared for compared, _ in combination)
            group = groups.get(compared) or groups.setdefault(compared, Group([v for _, v in combination], compared))
            group.indexes.append(index)
            if perf_counter() > pace.until_s:
                await pace.breathe()
    again = walk if standing > len(looked_at) else None
    for group in groups.values():
        group.figures = [await each.of((looked_at[index] for index in group.indexes), again) for each in aggregates]
        await pace.breathe()
    return list(groups.values())


async def ordered_groups(
    groups: Sequence[Group], orders: Sequence[GroupOrder], aggregates: Sequence[Aggregate]
) -> list[Group]:
    """Groups in order; those that are equal in it by their keys. Null comes last in both directions."""
    columns: list[tuple[Sequence[Any], bool]] = []
    for order in (*orders, GroupOrder(Figure.KEY, is_descending=False)):
        if order.figure is Figure.KEY:
            for place in range(len(groups[0].compared) if groups else 0):
                keys = await taken(group.compared[place] for group in groups)
                columns.append((keys, order.is_descending))
        else:
            figures = await worked(partial(_figure_key, order, aggregates), groups)
            columns.append((figures, order.is_descending))
    return await mapped(groups.__getitem__, await sorted_places(columns, len(groups)))


def _figure_key(order: GroupOrder, aggregates: Sequence[Aggregate], group: Group) -> Any:
    if order.figure is Figure.COUNT:
        return len(group.indexes)
    return key(aggregates[order.place].values.value_type, group.figures[order.place])
