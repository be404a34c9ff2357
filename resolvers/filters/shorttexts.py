"""A cache for functions of short texts, such as phases and quantities, of which the same few occur again and again."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Final, TypeVar

T = TypeVar("T")

_MAX_CHARACTERS: Final = 100
"""Limit of texts that are cached: clusters and callers send texts of any length, which would fill the memory."""


def remembered(most: int) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """Returns a decorator that caches a function's results for the last `most` different short texts."""

    def around(function: Callable[[str], T]) -> Callable[[str], T]:
        cached = lru_cache(maxsize=most)(function)

        @wraps(function)
        def remembering(text: str) -> T:
            return cached(text) if len(text) <= _MAX_CHARACTERS else function(text)

        return remembering

    return around
