"""Objects in groups of equal values, with the figures of each group."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from time import perf_counter
from typing import Any

from k8s.turns.turns import Pace
from resolvers.filters.comparing import key
from resolvers.filters.expansion import Expansion, Walk
from resolvers.filters.ordering import sorted_places
from resolvers.grouping.figures import Aggregate, Figure, Values, keyed_values
from resolvers.grouping.pairing import Chain, Membership, chained, too_many
from resolvers.pacing import collected, mapped, worked


@dataclass(slots=True)
class Group:
    """Objects with equal values.

    Attributes:
        key: the values, one for each path.
        compared: the keys of the values.
        indexes: indexes of the objects.
        figures: one figure for each aggregate.
        paired: the values of the figures of each object, if they are read with those of the key.
    """

    key: list[Any]
    compared: tuple[Any, ...]
    indexes: list[int] = field(default_factory=list)
    figures: list[Any] = field(default_factory=list)
    paired: list[tuple[Chain, ...]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class GroupOrder:
    """One order of groups; `place` is the index of the aggregate, for figures of values."""

    figure: Figure
    is_descending: bool
    place: int = 0


async def grouped(
    columns: Sequence[Any],
    by: Sequence[Values],
    aggregates: Sequence[Aggregate],
    *,
    most: int,
    expansion: Expansion,
    are_paired: bool = False,
) -> list[Group]:
    """Returns the groups with their figures; an object with several values at a path is in several groups.

    Args:
        columns: the columns of each object.
        by: the values that form groups; without any, all objects are one group, even if there are none.
        aggregates: the figures of each group.
        most: limit of memberships, over all objects and groups.
        expansion: counts values that are read again for several groups.
        are_paired: whether the one column has the memberships of an object.

    Raises:
        LimitExceeded: there are more memberships than `most`, or figures need too many values.
    """
    groups: dict[tuple[Any, ...], Group] = {} if by else {(): Group([], ())}
    memberships, walk = 0, Walk(expansion)
    pace = walk.pace
    for index, row in enumerate(columns):
        for member in row[0] if are_paired else await _memberships(row, by, pace):
            memberships += 1
            if memberships > most:
                raise too_many(most)
            group = groups.get(member.compared) or groups.setdefault(
                member.compared, Group([*member.key], member.compared)
            )
            group.indexes.append(index)
            if are_paired:
                group.paired.append(member.figures)
            if perf_counter() > pace.until_s:
                await pace.breathe()
    again = walk if memberships > len(columns) else None
    for group in groups.values():
        group.figures = [
            await aggregate.of(_values_of(group, columns, aggregate, place, are_paired=are_paired), again)
            for place, aggregate in enumerate(aggregates)
        ]
        group.paired = []
        await pace.breathe()
    return list(groups.values())


async def _memberships(row: Any, by: Sequence[Values], pace: Pace) -> Iterator[Membership]:
    """Returns a membership for every combination of the values of an object."""
    keyed = [await keyed_values(values.value_type, values.of(row), pace) for values in by]
    return (
        Membership(tuple(compared for compared, _ in combination), tuple(value for _, value in combination))
        for combination in product(*keyed)
    )


def _values_of(
    group: Group, columns: Sequence[Any], aggregate: Aggregate, place: int, *, are_paired: bool
) -> Iterator[Sequence[Any]]:
    """Returns the values of a figure, by member of a group."""
    if are_paired:
        return (chained(figures[place]) for figures in group.paired)
    return (aggregate.values.of(columns[index]) for index in group.indexes)


async def ordered_groups(
    groups: Sequence[Group], orders: Sequence[GroupOrder], aggregates: Sequence[Aggregate]
) -> list[Group]:
    """Returns groups in order, equal ones by their keys; null comes last in both directions."""
    sort_columns: list[tuple[Sequence[Any], bool]] = []
    for order in (*orders, GroupOrder(Figure.KEY, is_descending=False)):
        if order.figure is Figure.KEY:
            for place in range(len(groups[0].compared) if groups else 0):
                keys = await collected(group.compared[place] for group in groups)
                sort_columns.append((keys, order.is_descending))
        else:
            figures = await worked(partial(_figure_key, order, aggregates), groups)
            sort_columns.append((figures, order.is_descending))
    return await mapped(groups.__getitem__, await sorted_places(sort_columns, len(groups)))


def _figure_key(order: GroupOrder, aggregates: Sequence[Aggregate], group: Group) -> Any:
    if order.figure is Figure.COUNT:
        return len(group.indexes)
    return key(aggregates[order.place].values.value_type, group.figures[order.place])
