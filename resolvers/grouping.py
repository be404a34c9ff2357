"""Objects in groups of equal values, with sums, extremes and averages of other values."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from itertools import product
from math import fsum
from typing import Any, Final

from k8s.turns import Pace
from resolvers.comparing import ValueType, key
from resolvers.errors import LimitExceeded
from resolvers.ordering import sorted_places
from resolvers.pacing import mapped, taken
from resolvers.quantities import canonical, is_binary
from resolvers.readings import UNTYPED, common_way

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

    def of(self, looked_at: Any) -> Iterable[Any]:
        """Those that are there."""
        found = self.read(looked_at)
        return [each for each in (found if isinstance(found, list) else [found]) if each is not None]

    def distinct(self, looked_at: Any) -> list[tuple[Any, Any]]:
        """Each once, with what it is compared by; null where there is none."""
        found = {key(self.value_type, value): value for value in self.of(looked_at)}
        found.pop(None, None)
        return list(found.items()) or [(None, None)]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One figure of the values at a path."""

    figure: Figure
    values: Values

    async def of(self, members: Iterable[Any]) -> Any:
        """The figure over all members; null where none has a value."""
        present = await taken(value for member in members for value in self.values.of(member))
        value_type = self.values.value_type
        if value_type in UNTYPED:
            value_type = await common_way(present) or value_type
        keys = await taken(key(value_type, value) for value in present)
        keyed = [(each, value) for each, value in zip(keys, present, strict=True) if each is not None]
        if not keyed:
            return None
        match self.figure:
            case Figure.MIN:
                return min(keyed, key=_first)[1]
            case Figure.MAX:
                return max(keyed, key=_first)[1]
            case Figure.SUM:
                return self._total(keyed, 1)
            case _:
                return self._total(keyed, len(keyed))

    def _total(self, keyed: Sequence[tuple[Any, Any]], parts: int) -> Any:
        if self.values.value_type is ValueType.QUANTITY:
            tally = Counter(value for _, value in keyed)  # few are distinct, and exact sums are slow
            exact = sum((key(ValueType.QUANTITY, value) * count for value, count in tally.items()), Fraction(0))
            return canonical(exact / parts, in_binary=is_binary(keyed[0][1]))
        amounts = [each for each, _ in keyed]
        total = fsum(amounts) if any(isinstance(each, float) for each in amounts) else sum(amounts)
        return total if parts == 1 else total / parts


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
    looked_at: Sequence[Any], by: Sequence[Values], aggregates: Sequence[Aggregate], *, most: int
) -> list[Group]:
    """The groups, with their figures; an object with several values at a path is in several groups.

    Raises:
        LimitExceeded: objects stand in more than `most` groups altogether.
    """
    groups: dict[tuple[Any, ...], Group] = {}
    standing, pace = 0, Pace()
    for index, each in enumerate(looked_at):
        for combination in product(*(values.distinct(each) for values in by)):
            standing += 1
            if standing > most:
                raise LimitExceeded(f"groups: objects stand in more than {most} groups altogether; group by less.")
            compared = tuple(compared for compared, _ in combination)
            group = groups.get(compared) or groups.setdefault(compared, Group([v for _, v in combination], compared))
            group.indexes.append(index)
        await pace.breathe()
    for group in groups.values():
        group.figures = [await each.of(looked_at[index] for index in group.indexes) for each in aggregates]
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
            figures = await taken(_figure_key(group, order, aggregates) for group in groups)
            columns.append((figures, order.is_descending))
    return await mapped(groups.__getitem__, await sorted_places(columns, len(groups)))


def _figure_key(group: Group, order: GroupOrder, aggregates: Sequence[Aggregate]) -> Any:
    if order.figure is Figure.COUNT:
        return len(group.indexes)
    return key(aggregates[order.place].values.value_type, group.figures[order.place])


def _first(pair: tuple[Any, Any]) -> Any:
    return pair[0]
