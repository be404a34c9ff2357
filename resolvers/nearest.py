"""The known names that are like an unknown one, for the errors about names of a caller's own objects."""

from collections.abc import Collection, Iterable
from heapq import nlargest, nsmallest
from itertools import islice, pairwise
from typing import Final

_MOST: Final = 3
_MOST_COMPARED: Final = 200
"""Names whose letters are compared; of more known names, those that begin like the unknown one."""
_BEGINNING: Final = 3
_LEAST_SHARE: Final = 0.6
"""The least share of letters and pairs of letters that similar names have in common."""
_LONGEST: Final = 63
"""Characters of a name that are compared."""


def nearest(unknown: str, known: Collection[str]) -> list[str]:
    """Returns up to three names: those that contain the unknown one or a part of it, or else the most similar ones.

    Args:
        unknown: a name, in any case.
        known: names in lower case.
    """
    text = unknown[:_LONGEST].lower()
    if not text:
        return []
    parts = [name for name in known if text in name or name in text]
    if parts:
        return nsmallest(_MOST, parts, key=lambda name: (abs(len(name) - len(text)), name))
    candidates: Iterable[str] = known
    if len(known) > _MOST_COMPARED:
        candidates = (name for name in known if name.startswith(text[:_BEGINNING]))
    letters = _letters(text)
    shares = [(_share(letters, _letters(name)), name) for name in islice(candidates, _MOST_COMPARED)]
    return [name for share, name in nlargest(_MOST, shares) if share >= _LEAST_SHARE]


def _letters(text: str) -> set[str | tuple[str, str]]:
    """Returns the letters and the pairs of letters of a name."""
    return {*text[:_LONGEST], *pairwise(text[:_LONGEST])}


def _share(one: set[str | tuple[str, str]], other: set[str | tuple[str, str]]) -> float:
    return 2 * len(one & other) / (len(one) + len(other))
