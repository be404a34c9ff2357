"""Digests of JSON that is too large to be compared at once: computed in slices, equal for equal values."""

from collections.abc import Iterator
from hashlib import blake2b
from itertools import chain
from time import perf_counter
from typing import Any, Final

import msgspec

from k8s.turns.turns import Pace
from resolvers.filters.jsonsizes import json_size
from resolvers.pacing import collected, sort

_AT_ONCE_VALUES: Final = 500
_AT_ONCE_CHARACTERS: Final = 50_000


async def json_digest(value: Any, pace: Pace) -> bytes:
    """Returns the digest of a value, independent of the order of keys in its objects."""
    hashed = blake2b(digest_size=32)
    stack: list[Iterator[Any]] = [iter((value,))]
    while stack:
        for item in stack[-1]:
            if perf_counter() > pace.until_s:
                await pace.breathe()
            if _is_small(item):
                hashed.update(msgspec.json.encode(item, order="sorted") + b",")
            elif isinstance(item, str):
                for start in range(0, len(item), _AT_ONCE_CHARACTERS):
                    hashed.update(msgspec.json.encode(item[start : start + _AT_ONCE_CHARACTERS]) + b"+")
                    await pace.breathe()
                hashed.update(b",")
            else:
                hashed.update(b"{" if isinstance(item, dict) else b"[")
                stack.append(await _members(item))
                break
        else:
            stack.pop()
            hashed.update(b"]")
    return hashed.digest()


def _is_small(value: Any) -> bool:
    values, characters = json_size(value, most=_AT_ONCE_VALUES)
    return values <= _AT_ONCE_VALUES and characters <= _AT_ONCE_CHARACTERS


async def _members(value: Any) -> Iterator[Any]:
    """Returns the items of a list, or the sorted keys of an object, each followed by its value."""
    if not isinstance(value, dict):
        return iter(value)
    keys = await collected(value)
    await sort(keys)
    return chain.from_iterable((key, value[key]) for key in keys)
