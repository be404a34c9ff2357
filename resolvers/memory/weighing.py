"""Estimated bytes of rows in memory: all rows are measured roughly, and some of them exactly.

The length of a row as JSON takes little time to compute. It grows with the row's texts and values, so samples that are
picked in proportion to it include the longest rows at any place in the list.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, islice
from secrets import randbelow
from sys import getsizeof
from typing import Any, Final

import msgspec

from k8s.turns.turns import Pace

_FEW: Final = 32
"""Up to so many rows are all measured exactly: a page that was too large is read again with fewer objects."""
_SAMPLES: Final = 5
_SAMPLED_BYTES: Final = 64 * 1024
"""Bytes of JSON for each of which one more row is sampled."""
_ROWS_AT_ONCE: Final = 32
_VALUES_AT_ONCE: Final = 2000

_ENCODE_INTO: Final = msgspec.json.Encoder(enc_hook=lambda _: None).encode_into
_UNENCODABLE: Final = (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError)


async def weight(rows: Sequence[Any]) -> int:
    """Returns the estimated bytes of all rows, in slices; values that rows share count for each of them."""
    pace = Pace()
    if len(rows) <= _FEW:
        return await _measured(rows, pace)
    try:
        lengths = await _lengths(rows, pace)
    except _UNENCODABLE:
        return await _measured(rows, pace)
    samples = _SAMPLES + sum(lengths) // _SAMPLED_BYTES
    if samples >= len(rows):
        return await _measured(rows, pace)
    ratio = 0.0
    for place, times in _picked(lengths, samples).items():
        row = rows[place : place + 1]
        size = await _measured(row, pace) if lengths[place] > _SAMPLED_BYTES else sum(_sizes(row)) + 8
        ratio += times * size / lengths[place]
    return round(sum(lengths) * ratio / samples)


async def _lengths(rows: Sequence[Any], pace: Pace) -> list[int]:
    """Returns the bytes of each row as JSON."""
    lengths, row_json = list[int](), bytearray()
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        for row in rows[start : start + _ROWS_AT_ONCE]:
            _ENCODE_INTO(row, row_json)
            lengths.append(len(row_json))
        await pace.breathe()
    return lengths


def _picked(lengths: Sequence[int], samples: int) -> Counter[int]:
    """Returns the places of some rows, picked by chance in proportion to their lengths; long ones several times."""
    ends = list(accumulate(lengths))
    begins = randbelow(ends[-1])
    return Counter(bisect_right(ends, (begins + ends[-1] * number // samples) % ends[-1]) for number in range(samples))


async def _measured(rows: Sequence[Any], pace: Pace) -> int:
    size = 8 * len(rows)
    for some_bytes in _sizes(rows):
        size += some_bytes
        await pace.breathe()
    return size


def _sizes(rows: Iterable[Any]) -> Iterator[int]:
    """Yields the bytes of all values that rows hold, up to 2,000 values at a time."""
    waiting = [iter(rows)]
    while waiting:
        values = list(islice(waiting[-1], _VALUES_AT_ONCE))
        if len(values) < _VALUES_AT_ONCE:
            waiting.pop()
        for kind in set(map(type, values)):
            if issubclass(kind, msgspec.Struct | list | tuple | dict):
                waiting += _within(kind, [value for value in values if type(value) is kind])
        yield sum(map(getsizeof, values))


def _within(kind: type, holders: Sequence[Any]) -> Iterator[Iterator[Any]]:
    if issubclass(kind, msgspec.Struct):
        yield chain.from_iterable(map(msgspec.structs.astuple, holders))
    else:
        yield chain.from_iterable(holders)
    if issubclass(kind, dict):
        yield chain.from_iterable(map(dict.values, holders))
