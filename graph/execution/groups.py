"""`groups` of a connection: its plan, and its completion."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec
from graphql.pyutils import Path

from graph.execution.filtering import complete_hidden
from graph.execution.responsepaths import PathAt
from graph.execution.typedvalues import Column, TypedValues
from graph.planning.emitted import NULLED, emitted_rows
from graph.planning.levels import AnyLevel, FieldDetailsList
from k8s.turns.turns import Pace
from resolvers.filters.expansion import Expansion, Walk
from resolvers.grouping.figures import Aggregate, Values
from resolvers.grouping.groups import Group, GroupOrder, grouped, ordered_groups
from resolvers.grouping.pairing import Pairing
from resolvers.lists.paging import ListPage
from resolvers.lists.rows import Rows
from resolvers.pacing import collected

if TYPE_CHECKING:
    from graph.execution.run import Run


@dataclass(frozen=True, slots=True)
class GroupKey:
    """`key`."""

    key: str


@dataclass(frozen=True, slots=True)
class GroupCount:
    """`count`."""

    key: str


@dataclass(frozen=True, slots=True)
class GroupFigure:
    """`sum`, `min`, `max` or `avg`; `place` is the index of the aggregate."""

    key: str
    place: int


@dataclass(frozen=True, slots=True)
class GroupNodes:
    """`nodes`, or the first of them."""

    key: str
    level: AnyLevel
    first: int | None


@dataclass(frozen=True, slots=True)
class GroupTypeName:
    """`__typename`."""

    key: str
    value: str


GroupField = GroupKey | GroupCount | GroupFigure | GroupNodes | GroupTypeName


@dataclass(frozen=True, slots=True)
class Groups:
    """`groups`.

    Attributes:
        level: the hidden selection set of all paths.
        paths: the paths that are read of an object.
        by: the values of a group's key.
        aggregates: the figures that are selected, or used for the order.
        pairing: reads all paths together, if several lead through the same list; None if none do.
        first: the maximum number of groups to return; None for all.
        most: the maximum number of groups of all objects.
    """

    key: str
    level: AnyLevel
    paths: tuple[Column, ...]
    by: tuple[Values, ...]
    aggregates: tuple[Aggregate, ...]
    pairing: Pairing | TypedValues | None
    orders: tuple[GroupOrder, ...]
    first: int | None
    most: int
    fields: tuple[GroupField, ...]
    emitted: type[msgspec.Struct]
    details: FieldDetailsList

    @property
    def sends_objects(self) -> bool:
        """True if objects of the groups are sent."""
        return any(isinstance(field, GroupNodes) for field in self.fields)

    def hidden(self, run: "Run", path: Path) -> "Run":
        """Returns a run that completes the paths of the objects of a connection at a path."""
        return run.hidden(self.details, path.add_key(self.key, None))


Split = Callable[[AnyLevel, Sequence[Rows], Callable[[int, int], Path]], Any]


async def values_of(
    groups: Groups, hidden: "Run", lists: Sequence[Rows], path_at: PathAt
) -> list[Sequence[tuple[Any, ...]]]:
    """Returns for each list: every object's values, one per `by` or figure path, or one for all of a pairing."""
    hidden_rows = await complete_hidden(
        hidden, groups.level, lists, lambda index: path_at(index).add_key(groups.key, None)
    )
    walk, values = Walk(hidden.expansion), list[Sequence[tuple[Any, ...]]]()
    for of_list in hidden_rows:
        read = groups.paths if groups.pairing is None else (groups.pairing,)
        columns = [await path.column(of_list, walk) for path in read]
        values.append(await collected(zip(*columns, strict=True)) if columns else [()] * len(of_list))
        await walk.pace.breathe()
    return values


async def groups_of_pages(run: "Run", groups: Groups, pages: Sequence[ListPage], path_at: PathAt) -> list[list[Group]]:
    """Returns the groups of each page's whole list, in order.

    Raises:
        LimitExceeded: the objects have too many groups.
    """
    if not pages:
        return []
    hidden = groups.hidden(run, path_at(0))
    if groups.key in pages[0].values:
        return [await _ordered(groups, page.values[groups.key], hidden.expansion) for page in pages]
    values = await values_of(groups, hidden, [page.whole for page in pages], path_at)
    return [await _ordered(groups, of_page, hidden.expansion) for of_page in values]


async def _ordered(groups: Groups, values: Sequence[tuple[Any, ...]], expansion: Expansion) -> list[Group]:
    unordered = await grouped(
        values,
        groups.by,
        groups.aggregates,
        most=groups.most,
        expansion=expansion,
        are_paired=groups.pairing is not None,
    )
    return (await ordered_groups(unordered, groups.orders, groups.aggregates))[: groups.first]


async def completed_groups(
    groups: Groups, by_page: Sequence[Sequence[Group]], pages: Sequence[ListPage], path_at: PathAt, split: Split
) -> list[Any]:
    """Completes each page's groups.

    Args:
        groups: the plan of the groups.
        by_page: the groups of each page.
        pages: the pages.
        path_at: the path of a page by its index.
        split: completes the objects of several lists as one level.
    """
    located = ((index, place, group) for index, of_page in enumerate(by_page) for place, group in enumerate(of_page))
    flat = await collected(located)
    columns: list[Sequence[Any]] = []
    nulled: set[int] = set()
    for field in groups.fields:
        if isinstance(field, GroupNodes):
            members = await _members(field, flat, pages)
            columns.append(await split(field.level, members, _paths(groups, field, flat, path_at)))
            if NULLED in columns[-1]:
                nulled |= {place[0] for place, value in zip(flat, columns[-1], strict=True) if value is NULLED}
        else:
            columns.append(await collected(value_of(field, group) for _, _, group in flat))
    emitted = iter(await collected(emitted_rows(groups.emitted, columns, len(flat))))
    lists = [list(islice(emitted, len(of_page))) for of_page in by_page]
    return [NULLED if index in nulled else of_page for index, of_page in enumerate(lists)]


async def _members(
    field: GroupNodes, flat: Sequence[tuple[int, int, Group]], pages: Sequence[ListPage]
) -> Sequence[Rows]:
    pace, members = Pace(), []
    for index, _, group in flat:
        members.append(await group_rows(pages[index], group, field.first))
        await pace.breathe()
    return members


def value_of(field: GroupField, group: Group) -> Any:
    """Returns one value of a group other than its objects."""
    match field:
        case GroupKey():
            return group.key
        case GroupCount():
            return len(group.indexes)
        case GroupFigure(_, place):
            return group.figures[place]
        case GroupTypeName(_, value):
            return value
        case GroupNodes():
            raise TypeError("objects are completed together")


async def group_rows(page: ListPage, group: Group, first: int | None) -> Rows:
    """Returns the objects of a group, or the first of them."""
    return await page.whole.picked(group.indexes[:first])


def _paths(
    groups: Groups, field: GroupNodes, flat: Sequence[tuple[int, int, Group]], path_at: PathAt
) -> Callable[[int, int], Path]:
    def path_of(index: int, place: int) -> Path:
        page, group, _ = flat[index]
        within = path_at(page).add_key(groups.key, None).add_key(group, None)
        return within.add_key(field.key, None).add_key(place, None)

    return path_of
