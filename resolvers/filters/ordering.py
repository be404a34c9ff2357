"""The order of a list: by the values of `orderBy`, then by cluster, namespace and name, so that it is total."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from operator import itemgetter
from typing import Any, Final

from resolvers.filters.comparing import ValueType, key
from resolvers.filters.folding import folded_order
from resolvers.filters.untyped import UNTYPED, common_type
from resolvers.memory.share import MemoryShare
from resolvers.pacing import collected, slices, sort, worked

_KEY_BYTES: Final = 200
"""Bytes of one key without its text: its places in a list, a set and a table of ranks, and a number or a time."""

_CHARGED_AT_ONCE_BYTES: Final = 1 << 18

_CHARACTERS_OF_WORK: Final = 64
_WORK_OF_FRACTION: Final = 16
_QUICK: Final = frozenset({int, float, bool, datetime})
_MAKING_TEXTS: Final = frozenset({ValueType.VERSION, ValueType.ANY})


@dataclass(frozen=True, slots=True)
class OrderColumn:
    """The order by one path."""

    value_type: ValueType
    is_descending: bool
    ignores_case: bool

    @property
    def makes_texts(self) -> bool:
        """True if keys hold texts other than the values themselves."""
        return self.ignores_case or self.value_type in _MAKING_TEXTS

    def key(self, value: object) -> Any:
        """Returns the sort key of a value; None comes last in both directions."""
        plain = key(self.value_type, value)
        if self.ignores_case and isinstance(value, str):
            if isinstance(plain, str):
                return folded_order(value)
            if self.value_type is ValueType.ANY:
                return (plain[0], folded_order(value))
        return plain

    async def read(self, values: Sequence[Any]) -> "OrderColumn":
        """Returns the column for these values; untyped ones are ordered by the first type that fits all of them."""
        value_type = await common_type(values)
        return self if value_type is None else replace(self, value_type=value_type, ignores_case=False)


@dataclass(frozen=True, slots=True)
class OrderValues:
    """The values by which a list is ordered, before the identity of its objects.

    Attributes:
        columns: the most significant first; none where only identity orders.
        values: a tuple for each object, with a value for each column.
    """

    columns: tuple[OrderColumn, ...] = ()
    values: Sequence[tuple[Any, ...]] = ()

    def values_of(self, index: int) -> tuple[Any, ...]:
        """Returns the values of one object."""
        return self.values[index] if self.columns else ()

    def sort_key(self, values: Sequence[Any], identity: tuple[str, ...]) -> "SortKey":
        """Returns the sort key of an object of these values and this identity."""
        keys = tuple(column.key(value) for column, value in zip(self.columns, values, strict=True))
        return SortKey(self.columns, keys, identity)

    def slice(self, start: int, stop: int) -> "OrderValues":
        """Returns the values of the objects from `start` to before `stop`."""
        return OrderValues(self.columns, self.values[start:stop]) if self.columns else self


BY_IDENTITY = OrderValues()
"""The order of every list without `orderBy`."""


@dataclass(frozen=True, slots=True)
class SortKey:
    """The position of an object: its values by the columns, then its identity. Smaller is earlier."""

    columns: tuple[OrderColumn, ...]
    keys: tuple[Any, ...]
    identity: tuple[str, ...]

    def __lt__(self, other: "SortKey") -> bool:
        for column, mine, theirs in zip(self.columns, self.keys, other.keys, strict=True):
            if mine == theirs:
                continue
            if mine is None or theirs is None:
                return theirs is None
            return bool(mine > theirs if column.is_descending else mine < theirs)
        return self.identity < other.identity


async def read_columns(columns: Sequence[OrderColumn], values: Sequence[tuple[Any, ...]]) -> tuple[OrderColumn, ...]:
    """Returns the columns for the values of a whole list; each object's tuple has a value for each column."""
    typed = []
    for place, column in enumerate(columns):
        is_untyped = column.value_type in UNTYPED
        typed.append(await column.read(await collected(row[place] for row in values)) if is_untyped else column)
    return tuple(typed)


async def ordered(columns: Sequence[OrderColumn], values: Sequence[tuple[Any, ...]], memory: MemoryShare) -> list[int]:
    """Returns the places of `values` in their order; equal ones retain their order.

    Args:
        columns: the most significant first.
        values: a tuple for each object, with a value for each column.
        memory: charged for the keys while they are sorted.

    Raises:
        LimitExceeded: with the keys, the operation holds more memory than its limit.
    """
    keyed, charged = list[tuple[Sequence[Any], bool]](), _Charged(memory)
    try:
        for place, column in enumerate(columns):
            charged.add(_KEY_BYTES * len(values))
            key_of = _charging(column.key, charged) if column.makes_texts else column.key
            keyed.append((await worked(key_of, map(itemgetter(place), values)), column.is_descending))
            charged.settle()
        return await sorted_places(keyed, len(values))
    finally:
        charged.free()


class _Charged:
    """Memory that an operation holds for a while, charged in large amounts."""

    def __init__(self, memory: MemoryShare) -> None:
        self._memory = memory
        self._waiting_bytes = 0
        self._held_bytes = 0

    def add(self, size_bytes: int) -> None:
        self._waiting_bytes += size_bytes
        if self._waiting_bytes > _CHARGED_AT_ONCE_BYTES:
            self.settle()

    def settle(self) -> None:
        size_bytes, self._waiting_bytes = self._waiting_bytes, 0
        self._held_bytes += size_bytes
        self._memory.charge(size_bytes)

    def free(self) -> None:
        self._memory.charge(-self._held_bytes)


def _charging(key_of: Callable[[Any], Any], charged: _Charged) -> Callable[[Any], Any]:
    """Returns a function that charges the texts of keys that are not the values themselves."""

    def charging(value: Any) -> Any:
        sort_key = key_of(value)
        charged.add(_new_length(sort_key, value))
        return sort_key

    return charging


async def sorted_places(columns: Sequence[tuple[Sequence[Any], bool]], number: int) -> list[int]:
    """Returns the places of `number` values in the order of their keys; equal ones retain their order.

    Each column is a list of keys, of which None comes last, and whether they descend. Only distinct keys are compared
    with each other: many are equal, and some are slow to compare.
    """
    positions = [0] * number
    for keys, is_descending in columns:
        ranks = await _ranks(keys, is_descending=is_descending)
        size = len(ranks)
        positions = await collected(before * size + ranks[key] for before, key in zip(positions, keys, strict=True))
    places = await collected(position * number + place for place, position in enumerate(positions))
    await sort(places)
    return await collected(place % number for place in places)


def _length(key: Any) -> int:
    """Returns the characters of all texts in a key."""
    if isinstance(key, str | bytes):
        return len(key)
    return sum(map(_length, key)) if isinstance(key, tuple) else 0


def _new_length(key: Any, value: Any) -> int:
    """Returns the characters of all texts in a key other than the value itself."""
    if isinstance(key, tuple):
        return sum(_new_length(member, value) for member in key)
    return 0 if key is value else _length(key)


def _work(key: Any) -> int:
    """Returns the cost of a comparison with a key; 1 is that of two numbers."""
    if isinstance(key, str | bytes | tuple):
        return 1 + _length(key) // _CHARACTERS_OF_WORK
    return 1 if type(key) in _QUICK else _WORK_OF_FRACTION


async def _ranks(keys: Sequence[Any], *, is_descending: bool) -> dict[Any, int]:
    """Returns the rank of each distinct key; None is behind all."""
    unique: set[Any] = set()
    await worked(unique.add, keys)  # to hash a long text takes time
    unique.discard(None)
    distinct = list(unique)
    await sort(distinct, _work)
    if is_descending:
        distinct.reverse()
    distinct.append(None)
    ranks: dict[Any, int] = {}
    async for batch in slices(distinct):
        ranks.update(zip(batch, count(len(ranks)), strict=False))
    return ranks
