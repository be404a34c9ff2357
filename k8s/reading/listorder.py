"""The order of lists: the order of the API server's keys, `namespace/name`."""

from collections.abc import Callable, Sequence
from heapq import merge
from operator import attrgetter, le
from typing import Any, Final

from k8s.kinds.kind import Kind
from k8s.reading.listing import Window
from k8s.reading.rowdecoders import Row
from k8s.turns.turns import Pace

_RUN: Final = 1000
"""Objects that are sorted in about a millisecond."""

_BY_NAME = attrgetter("metadata.name")


def key_of(kind: Kind) -> Callable[[Row], Any]:
    """Returns the key by which the API server orders a kind's objects; it raises TypeError without a namespace."""
    return _by_key if kind.namespaced else _BY_NAME


def is_ordered(rows: Sequence[Row], kind: Kind) -> bool:
    """Returns True if objects are in order; raises as `key_of`."""
    keys = list(map(key_of(kind), rows))
    return all(map(le, keys, keys[1:]))


async def ordered(rows: Sequence[Row], kind: Kind) -> list[Row]:
    """Sorts objects, and yields to other tasks meanwhile; raises as `key_of`."""
    pace, key = Pace(), key_of(kind)
    runs: list[list[Row]] = []
    for start in range(0, len(rows), _RUN):
        runs.append(sorted(rows[start : start + _RUN], key=key))
        await pace.breathe()
    merged: list[Row] = []
    for row in merge(*runs, key=key):
        merged.append(row)
        if not len(merged) % _RUN:
            await pace.breathe()
    return merged


def behind(items: Sequence[Row], window: Window, kind: Kind) -> Sequence[Row]:
    """Returns the objects after the window's beginning; all of them if a token continues there."""
    if window.after is None or not window.is_sought:
        return items
    namespace, name = window.after
    if kind.namespaced:
        return [row for row in items if _by_key(row) > (namespace + "/", name)]
    return [row for row in items if row.metadata.name > name]


def _by_key(row: Row) -> tuple[str, str]:
    """Returns a key that orders a namespace `shop-eu` before `shop`, since `-` comes before `/`."""
    return (row.metadata.namespace + "/", row.metadata.name)
