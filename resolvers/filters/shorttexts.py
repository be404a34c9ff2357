"""What is made of short texts, remembered: of the same few values again and again, as phases and quantities are."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Final, TypeVar

T = TypeVar("T")

_SHORT: Final = 100
"""Characters; clusters and callers send texts of any length, and a cache of those is no cache but a leak."""


def remembered(most: int) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """A decorator: what a function makes of the last `most` different texts is kept, long ones left out."""

    def around(function: Callable[[str], T]) -> Callable[[str], T]:
        known = lru_cache(maxsize=most)(function)

        @wraps(function)
        def remembering(text: str) -> T:
            return known(text) if len(text) <= _SHORT else function(text)

        return remembering

    return around
