"""The order of a list: by the values of `orderBy`, then by cluster, namespace and name, so that it is total."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from operator import itemgetter
from typing import Any, Final

from resolvers.comparing import ValueType, key
from resolvers.pacing import parts, slices, sort, taken, worked
from resolvers.readings import UNTYPED, common_way

_LONG: Final = 1000


@dataclass(frozen=True, slots=True)
class OrderColumn:
    """How one path orders."""

    value_type: ValueType
    is_descending: bool
    ignores_case: bool

    def key(self, value: object) -> Any:
        """What a value is ordered by; None comes last in both directions."""
        folded = value.casefold() if self.ignores_case and isinstance(value, str) else value
        return key(self.value_type, folded)

    async def read(self, values: Sequence[Any]) -> "OrderColumn":
        """The column for these values: without a type they are ordered by what all of them mean, if they do."""
        way = await common_way(values)
        return self if way is None else replace(self, value_type=way, ignores_case=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the objects of a list are ordered by, besides their identity.

    Attributes:
        columns: the most significant first; none where only identity orders.
        values: of each object, by the columns.
    """

    columns: tuple[OrderColumn, ...] = ()
    values: Sequence[tuple[Any, ...]] = ()

    def values_of(self, index: int) -> tuple[Any, ...]:
        """The values of one object."""
        return self.values[index] if self.columns else ()

    def place(self, values: Sequence[Any], identity: tuple[str, str, str]) -> "Place":
        """Where an object of these values stands."""
        keys = tuple(column.key(value) for column, value in zip(self.columns, values, strict=True))
        return Place(self.columns, keys, identity)

    def part(self, start: int, stop: int) -> "Standing":
        """Those from `start` to before `stop`."""
        return Standing(self.columns, self.values[start:stop]) if self.columns else self


BY_IDENTITY = Standing()
"""The order of every list without `orderBy`."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object stands: its values by the columns, then its identity. Smaller is earlier."""

    columns: tuple[OrderColumn, ...]
    keys: tuple[Any, ...]
    identity: tuple[str, str, str]

    def __lt__(self, other: "Place") -> bool:
        for column, mine, theirs in zip(self.columns, self.keys, other.keys, strict=True):
            if mine == theirs:
                continue
            if mine is None or theirs is None:
                return theirs is None
            return bool(mine > theirs if column.is_descending else mine < theirs)
        return self.identity < other.identity


async def read_columns(columns: Sequence[OrderColumn], values: Sequence[tuple[Any, ...]]) -> tuple[OrderColumn, ...]:
    """The columns for the values of a whole list, of each object by the columns."""
    read = []
    for place, column in enumerate(columns):
        is_untyped = column.value_type in UNTYPED
        read.append(await column.read(await taken(each[place] for each in values)) if is_untyped else column)
    return tuple(read)


async def ordered(columns: Sequence[OrderColumn], values: Sequence[tuple[Any, ...]]) -> list[int]:
    """The places of `values` in their order; equal ones stay as they stand.

    Args:
        columns: the most significant first.
        values: of each object, by the columns.
    """
    keyed = []
    for place, column in enumerate(columns):
        keys = await worked(column.key, map(itemgetter(place), values))
        keyed.append((keys, column.is_descending))
    return await sorted_places(keyed, len(values))


async def sorted_places(columns: Sequence[tuple[Sequence[Any], bool]], number: int) -> list[int]:
    """The places of `number` things in the order of their keys; equal ones stay as they stand.

    Each column is keys, of which None comes last, and whether they descend. Only distinct keys are compared with each
    other: many are equal, and some are slow to compare.
    """
    standing = [0] * number
    for keys, is_descending in columns:
        ranks = await _ranks(keys, is_descending=is_descending)
        size = len(ranks)
        standing = await taken(before * size + ranks[key] for before, key in zip(standing, keys, strict=True))
    places = await taken(each * number + place for place, each in enumerate(standing))
    await sort(places)
    return await taken(each % number for each in places)


async def _are_long(keys: Sequence[Any]) -> bool:
    """Whether one of the keys is so long that comparing it takes its time."""
    async for part in parts(keys):
        if max(map(_length, part)) > _LONG:
            return True
    return False


def _length(key: Any) -> int:
    if isinstance(key, tuple):
        return max(map(_length, key), default=0)
    return len(key) if isinstance(key, str | bytes) else 0


async def _ranks(keys: Sequence[Any], *, is_descending: bool) -> dict[Any, int]:
    """The place of each distinct key among them; None is behind all."""
    known: set[Any] = set()
    await worked(known.add, keys)  # the hash of a long text takes its time
    known.discard(None)
    distinct = list(known)
    await sort(distinct, are_long=await _are_long(distinct))
    if is_descending:
        distinct.reverse()
    distinct.append(None)
    ranks: dict[Any, int] = {}
    async for part in slices(distinct):
        ranks.update(zip(part, count(len(ranks)), strict=False))
    return ranks
