"""Bytes that objects take in memory, estimated from a few of them."""

import sys
from collections.abc import Sequence
from secrets import randbelow
from typing import Any, Final

import msgspec

_FEW: Final = 32
"""Of so few, each is looked at: a page that was too large is read again with fewer objects."""
_SAMPLES: Final = 5
_MOST_LOOKED_AT: Final = 2000
"""Values in one object; of a larger one, the rest is taken to be like these."""


def weight(rows: Sequence[Any]) -> int:
    """The bytes of all rows, as a few of them are, picked by chance; what rows share is counted each time."""
    if not rows:
        return 0
    step = max(1, len(rows) // _SAMPLES) if len(rows) > _FEW else 1
    samples = rows[randbelow(step) :: step]
    return sum(map(_deep, samples)) * len(rows) // len(samples) + 8 * len(rows)


def _deep(value: Any) -> int:
    size = looked_at = 0
    waiting = [value]
    while waiting and looked_at < _MOST_LOOKED_AT:
        found = waiting.pop()
        looked_at += 1
        size += sys.getsizeof(found)
        match found:
            case msgspec.Struct():
                waiting += [getattr(found, name) for name in type(found).__struct_fields__]
            case dict():
                waiting += found.values()
                size += sum(map(sys.getsizeof, found))
            case list() | tuple():
                waiting += found
    return size * (1 + len(waiting) // looked_at)
