"""The order of a list: by the values of `orderBy`, then by cluster, namespace and name, so that it is total."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from operator import itemgetter
from typing import Any, Final, Protocol

from resolvers.filters.comparing import ValueType, key
from resolvers.filters.folding import folded_order
from resolvers.filters.untyped import UNTYPED, common_way
from resolvers.pacing import slices, sort, taken, worked

_KEY_BYTES: Final = 200
"""Of one key, its text left out: its places in a list, a set and a table of ranks, and a number or a time."""

_CHARGED_AT_ONCE_BYTES: Final = 1 << 18

_CHARACTERS_OF_WORK: Final = 64
_WORK_OF_FRACTION: Final = 16
_QUICK: Final = frozenset({int, float, bool, datetime})
_MAKING_TEXTS: Final = frozenset({ValueType.VERSION, ValueType.ANY})


class HoldsMemory(Protocol):
    """Who is charged for keys: `resolvers.memory.budget.MemoryShare`."""

    def charge(self, size_bytes: int) -> None:
        """Holds so much more, or less.

        Raises:
            LimitExceeded: it is more than one operation may hold.
        """
        ...


@dataclass(frozen=True, slots=True)
class OrderColumn:
    """How one path orders."""

    value_type: ValueType
    is_descending: bool
    ignores_case: bool

    @property
    def makes_texts(self) -> bool:
        """Whether keys hold texts that are not the values' own."""
        return self.ignores_case or self.value_type in _MAKING_TEXTS

    def key(self, value: object) -> Any:
        """What a value is ordered by; None comes last in both directions."""
        found = key(self.value_type, value)
        if self.ignores_case and isinstance(value, str):
            if isinstance(found, str):
                return folded_order(value)
            if self.value_type is ValueType.ANY:
                return (found[0], folded_order(value))
        return found

    async def read(self, values: Sequence[Any]) -> "OrderColumn":
        """The column for these values: without a type they are ordered by what all of them mean, if they do."""
        way = await common_way(values)
        return self if way is None else replace(self, value_type=way, ignores_case=False)


@dataclass(frozen=True, slots=True)
class OrderValues:
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

    def place(self, values: Sequence[Any], identity: tuple[str, str, str]) -> "SortKey":
        """Where an object of these values stands."""
        keys = tuple(column.key(value) for column, value in zip(self.columns, values, strict=True))
        return SortKey(self.columns, keys, identity)

    def part(self, start: int, stop: int) -> "OrderValues":
        """Those from `start` to before `stop`."""
        return OrderValues(self.columns, self.values[start:stop]) if self.columns else self


BY_IDENTITY = OrderValues()
"""The order of every list without `orderBy`."""


@dataclass(frozen=True, slots=True)
class SortKey:
    """Where an object stands: its values by the columns, then its identity. Smaller is earlier."""

    columns: tuple[OrderColumn, ...]
    keys: tuple[Any, ...]
    identity: tuple[str, str, str]

    def __lt__(self, other: "SortKey") -> bool:
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


async def ordered(columns: Sequence[OrderColumn], values: Sequence[tuple[Any, ...]], memory: HoldsMemory) -> list[int]:
    """The places of `values` in their order; equal ones stay as they stand.

    Args:
        columns: the most significant first.
        values: of each object, by the columns.
        memory: holds the keys while they are sorted.

    Raises:
        LimitExceeded: the keys are more than the operation may hold.
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
    """What an operation holds for a while, charged much at a time."""

    def __init__(self, memory: HoldsMemory) -> None:
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
    """Charges the texts of keys that are not the values themselves."""

    def charging(value: Any) -> Any:
        found = key_of(value)
        charged.add(_made_length(found, value))
        return found

    return charging


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


def _length(key: Any) -> int:
    """Characters of the texts that a key is made of."""
    if isinstance(key, str | bytes):
        return len(key)
    return sum(map(_length, key)) if isinstance(key, tuple) else 0


def _made_length(key: Any, value: Any) -> int:
    """Characters of the texts that a key is made of, but for the value's own."""
    if isinstance(key, tuple):
        return sum(_made_length(each, value) for each in key)
    return 0 if key is value else _length(key)


def _work(key: Any) -> int:
    """How many times as long as that of two numbers a comparison with a key may take."""
    if isinstance(key, str | bytes | tuple):
        return 1 + _length(key) // _CHARACTERS_OF_WORK
    return 1 if type(key) in _QUICK else _WORK_OF_FRACTION


async def _ranks(keys: Sequence[Any], *, is_descending: bool) -> dict[Any, int]:
    """The place of each distinct key among them; None is behind all."""
    known: set[Any] = set()
    await worked(known.add, keys)  # the hash of a long text takes its time
    known.discard(None)
    distinct = list(known)
    await sort(distinct, _work)
    if is_descending:
        distinct.reverse()
    distinct.append(None)
    ranks: dict[Any, int] = {}
    async for part in slices(distinct):
        ranks.update(zip(part, count(len(ranks)), strict=False))
    return ranks
