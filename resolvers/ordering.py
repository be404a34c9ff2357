"""The order of a list: by the values of `orderBy`, then by cluster, namespace and name, so that it is total."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from resolvers.comparing import ValueType, key


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


def ordered(indexes: Sequence[int], columns: Sequence[OrderColumn], values: Mapping[int, tuple[Any, ...]]) -> list[int]:
    """Indexes in the order of their values; equal ones stay as they stood.

    Args:
        indexes: of the objects that are wanted, in the order of every list.
        columns: the most significant first.
        values: of each object, by the columns.
    """
    found = list(indexes)
    for place, column in reversed(list(enumerate(columns))):
        keys = {index: column.key(values[index][place]) for index in found}
        with_value = [index for index in found if keys[index] is not None]
        with_value.sort(key=keys.__getitem__, reverse=column.is_descending)
        found = with_value + [index for index in found if keys[index] is None]
    return found
