"""Known names that are like an unknown one.

graphql-core's distance of two names takes long, so only the names that share most letters and pairs of letters with the
unknown one are measured.
"""

from collections.abc import Collection
from functools import lru_cache
from heapq import nsmallest
from typing import Final

from graphql.pyutils import suggestion_list

MOST_SUGGESTED: Final = 5
_MOST_MEASURED: Final = 16
_MOST_SHAPES: Final = 32_768
"""Names of all schemas; those of custom kinds change."""


def near(unknown: str, known: Collection[str], *, cells: int) -> list[str]:
    """Returns the known names that are like an unknown one, the nearest first.

    Args:
        unknown: of at most 64 characters.
        known: names of the schema.
        cells: of the tables that may be filled, each of the unknown name's characters times those of a known one.
    """
    shape, most_apart = _shape(unknown), int(len(unknown) * 0.4) + 1  # as graphql-core's `suggestion_list` has it
    like = [name for name in known if abs(len(name) - len(unknown)) <= most_apart]
    affordable = cells // (len(unknown) * (len(unknown) + most_apart))
    nearest = nsmallest(
        min(affordable, _MOST_MEASURED), like, key=lambda name: (shape ^ _known_shape(name)).bit_count()
    )
    return suggestion_list(unknown, nearest)[:MOST_SUGGESTED]


def _shape(name: str) -> int:
    """Returns a bit for each letter and each pair of letters in a name."""
    places = [ord(character) & 31 for character in name.lower()]
    shape = 0
    for place, following in zip(places, [*places[1:], 0], strict=True):
        shape |= 1 << place | 1 << (32 + place * 32 + following)
    return shape


_known_shape: Final = lru_cache(maxsize=_MOST_SHAPES)(_shape)
"""The cached shapes of the schema's names; names that a caller sent are not cached."""


def beginning_alike(unknown: str, known: Collection[str]) -> list[str]:
    """Returns the known names that begin with the unknown one, or that it begins with, of similar length first."""
    text = unknown.lower()
    alike = [
        name for name in known if len(name) > 1 and (name.lower().startswith(text) or text.startswith(name.lower()))
    ]
    return nsmallest(MOST_SUGGESTED, alike, key=lambda name: (abs(len(name) - len(unknown)), name))
