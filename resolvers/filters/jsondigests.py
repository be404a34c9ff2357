"""Digests of JSON that is too large to be compared at once: made in slices, and equal where the values are."""

from collections.abc import Iterator
from hashlib import blake2b
from itertools import chain
from time import perf_counter
from typing import Any, Final

import msgspec

from k8s.turns.turns import Pace
from resolvers.filters.jsonsizes import json_size
from resolvers.pacing import sort, taken

_AT_ONCE_VALUES: Final = 500
_AT_ONCE_CHARACTERS: Final = 50_000


async def json_digest(value: Any, pace: Pace) -> bytes:
    """The digest of a value, whatever the order of the keys in its objects."""
    hashed = blake2b(digest_size=32)
    waiting: list[Iterator[Any]] = [iter((value,))]
    while waiting:
        for each in waiting[-1]:
            if perf_counter() > pace.until_s:
                await pace.breathe()
            if _is_small(each):
                hashed.update(msgspec.json.encode(each, order="sorted") + b",")
            elif isinstance(each, str):
                for start in range(0, len(each), _AT_ONCE_CHARACTERS):
                    hashed.update(msgspec.json.encode(each[start : start + _AT_ONCE_CHARACTERS]) + b"+")
                    await pace.breathe()
                hashed.update(b",")
            else:
                hashed.update(b"{" if isinstance(each, dict) else b"[")
                waiting.append(await _members(each))
                break
        else:
            waiting.pop()
            hashed.update(b"]")
    return hashed.digest()


def _is_small(value: Any) -> bool:
    values, characters = json_size(value, most=_AT_ONCE_VALUES)
    return values <= _AT_ONCE_VALUES and characters <= _AT_ONCE_CHARACTERS


async def _members(value: Any) -> Iterator[Any]:
    """Items of a list; keys, in order, each with its value, of an object."""
    if not isinstance(value, dict):
        return iter(value)
    keys = await taken(value)
    await sort(keys)
    return chain.from_iterable((key, value[key]) for key in keys)
